import { EventWriteError, WriterClosedError } from '../errors';
import type { EventFile } from './event-file';

/** Bytes that wait to be written, in complete records or lines. */
export interface ByteQueue {
  readonly size: number;
  /** Removes all queued bytes and returns them in order. */
  take(): Uint8Array[];
}

/** The limits at which queued bytes are written to the file. */
export interface FlushLimits {
  /** A background write starts as soon as this many bytes are queued. */
  readonly flushBytes: number;
  /** A background write starts this many seconds after bytes were queued. */
  readonly flushSecs: number;
  /** Beyond this many queued bytes, the caller writes them and waits, which bounds the memory used. */
  readonly maxQueueBytes: number;
}

/** Bytes that were passed to the file; `done` resolves when they are written. */
interface PendingWrite {
  readonly chunks: readonly Uint8Array[];
  readonly position: number;
  done: Promise<void>;
}

/**
 * Moves bytes from a queue to a file in the background, one write at a time. The caller waits for the
 * disk only if the queue exceeds its limit. The first failure is final: the next call and every later
 * one throw it. When the process exits, the bytes that are left are written synchronously.
 */
export class BackgroundWriter<Queue extends ByteQueue = ByteQueue> {
  #position: number;
  #pending: PendingWrite | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #otherWrites = new Set<Promise<void>>();

  /** @param position where in the file the first queued bytes are written */
  constructor(
    readonly path: string,
    private readonly file: EventFile,
    private readonly limits: FlushLimits,
    readonly queue: Queue,
    position = 0,
  ) {
    this.#position = position;
    flushAtExit(this);
  }

  get isEmpty(): boolean {
    return this.#position === 0 && this.queue.size === 0;
  }

  /** @throws WriterClosedError after `close`; EventWriteError after a failed write */
  assertUsable(): void {
    if (this.#closing) throw new WriterClosedError(this.path);
    this.#throwFailure();
  }

  /** Call after appending to the queue: starts a write, or a timer for one, according to the limits. */
  scheduleWrite(): void {
    const { size } = this.queue;
    if (size < this.limits.flushBytes) this.#startTimer();
    else if (!this.#pending) this.#drain();
    else if (size > this.limits.maxQueueBytes) this.#drainSync();
  }

  /** Makes `flush` and `close` also wait for a write to another file; its failure is handled alike. */
  trackWrite(write: Promise<void>): void {
    const tracked = write
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#otherWrites.delete(tracked));
    this.#otherWrites.add(tracked);
  }

  /** Resolves once everything queued so far can be read from the file. */
  async flush(): Promise<void> {
    this.assertUsable();
    await this.#settle();
    this.#throwFailure();
  }

  /** Writes the rest and closes the file, even if a write has failed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** For the exit of the process: repeats the pending write, which may be incomplete, and writes the rest. */
  flushSync(): void {
    if (this.#failure) return;
    try {
      if (this.#pending) this.#writeSync(this.#pending.chunks, this.#pending.position);
      this.#drainSync();
    } catch {
      // The process is exiting, so nobody can handle the error.
    }
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#settle();
    cancelFlushAtExit(this);
    await this.file.close();
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw new EventWriteError(this.path, this.#failure.cause);
  }

  /** A finished write starts the next one, so waiting twice covers everything queued before. */
  async #settle(): Promise<void> {
    await this.#pending?.done;
    await (this.#pending?.done ?? this.#drain());
    await Promise.all(this.#otherWrites);
  }

  #startTimer(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#pending) this.#drain();
    }, this.limits.flushSecs * 1000).unref();
  }

  #take(): PendingWrite {
    const write = { chunks: this.queue.take(), position: this.#position, done: Promise.resolve() };
    for (const chunk of write.chunks) this.#position += chunk.length;
    return write;
  }

  #drain(): Promise<void> {
    const write = this.#take();
    if (write.chunks.length === 0 || this.#failure) return write.done;
    this.#pending = write;
    write.done = this.#write(write);
    return write.done;
  }

  async #write({ chunks, position }: PendingWrite): Promise<void> {
    let at = position;
    try {
      for (const chunk of chunks) {
        await this.file.write(chunk, at);
        at += chunk.length;
      }
    } catch (cause) {
      this.#failure ??= { cause };
    }
    this.#pending = undefined;
    if (this.queue.size >= this.limits.flushBytes) this.#drain();
    else if (this.queue.size > 0 && !this.#closing) this.#startTimer();
  }

  #drainSync(): void {
    const { chunks, position } = this.#take();
    try {
      this.#writeSync(chunks, position);
    } catch (cause) {
      this.#failure ??= { cause };
      throw new EventWriteError(this.path, cause);
    }
  }

  #writeSync(chunks: readonly Uint8Array[], position: number): void {
    let at = position;
    for (const chunk of chunks) {
      this.file.writeSync(chunk, at);
      at += chunk.length;
    }
  }
}

const openWriters = new Set<BackgroundWriter>();

const flushAll = (): void => {
  for (const writer of openWriters) writer.flushSync();
};

/** One listener serves all writers, because Node warns about more than ten. */
const flushAtExit = (writer: BackgroundWriter): void => {
  if (openWriters.size === 0) process.on('exit', flushAll);
  openWriters.add(writer);
};

const cancelFlushAtExit = (writer: BackgroundWriter): void => {
  if (openWriters.delete(writer) && openWriters.size === 0) process.off('exit', flushAll);
};
