import { EventWriteError, WriterClosedError } from './errors';
import type { EventFile } from './event-file';
import { flushAtExit, forgetAtExit } from './exit-hook';

/** Bytes on their way to a file, in whole records or lines. */
export interface ByteQueue {
  /** Bytes queued. */
  readonly size: number;
  /** Hands over everything queued, in order. */
  take(): Uint8Array[];
}

/** When queued bytes go to the file. */
export interface FlushLimits {
  /** This many bytes are written in the background at once. */
  readonly flushBytes: number;
  /** What lies in the queue this many seconds is written in the background. */
  readonly flushSecs: number;
  /** More than this many bytes are written by the caller, who waits, so that memory stays bounded. */
  readonly maxQueueBytes: number;
}

/** Bytes that were handed to the file and not yet confirmed. */
interface Batch {
  readonly chunks: readonly Uint8Array[];
  readonly position: number;
  done: Promise<void>;
}

/**
 * Moves bytes from a queue to a file without ever waiting for the disk, save when the queue is
 * beyond its limit. One write is under way at a time. The first failure is final: it surfaces at the
 * next call and at every later one.
 */
export class BackgroundWriter<Queue extends ByteQueue = ByteQueue> {
  #position: number;
  #underWay: Batch | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #alongside = new Set<Promise<void>>();

  /** @param position where in the file the queue's bytes go */
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

  /** Whether the file is empty and nothing is queued. */
  get isAtStart(): boolean {
    return this.#position === 0 && this.queue.size === 0;
  }

  /** @throws WriterClosedError after `close`; EventWriteError once a write has failed */
  assertUsable(): void {
    if (this.#closing) throw new WriterClosedError(this.path);
    this.#throwFailure();
  }

  /** To be called when something was queued: decides whether, and how, it goes to the file now. */
  queued(): void {
    const { size } = this.queue;
    if (size < this.limits.flushBytes) this.#startTimer();
    else if (!this.#underWay) this.#drain();
    else if (size > this.limits.maxQueueBytes) this.#drainSync();
  }

  /** Has `flush` and `close` wait for other files' writes, and a failure of theirs surface as any. */
  alongside(work: Promise<void>): void {
    const watched = work
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#alongside.delete(watched));
    this.#alongside.add(watched);
  }

  /** Resolves once everything queued so far can be read back. */
  async flush(): Promise<void> {
    this.assertUsable();
    await this.#settle();
    this.#throwFailure();
  }

  /** Writes what is left and releases the file, also when a write has failed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** At the end of the process: what may not have reached the file is written again, and the rest. */
  flushSync(): void {
    if (this.#failure) return;
    try {
      if (this.#underWay) this.#writeSync(this.#underWay.chunks, this.#underWay.position);
      this.#drainSync();
    } catch {
      // The process is ending: nobody is left to tell.
    }
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#settle();
    forgetAtExit(this);
    await this.file.close();
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw new EventWriteError(this.path, this.#failure.cause);
  }

  /** Whoever finishes a write starts the next, so two waits cover all that was queued before. */
  async #settle(): Promise<void> {
    await this.#underWay?.done;
    await (this.#underWay?.done ?? this.#drain());
    await Promise.all(this.#alongside);
  }

  #startTimer(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#underWay) this.#drain();
    }, this.limits.flushSecs * 1000).unref();
  }

  #take(): Batch {
    const batch = { chunks: this.queue.take(), position: this.#position, done: Promise.resolve() };
    for (const chunk of batch.chunks) this.#position += chunk.length;
    return batch;
  }

  #drain(): Promise<void> {
    const batch = this.#take();
    if (batch.chunks.length === 0 || this.#failure) return batch.done;
    this.#underWay = batch;
    batch.done = this.#write(batch);
    return batch.done;
  }

  async #write({ chunks, position }: Batch): Promise<void> {
    let at = position;
    try {
      for (const chunk of chunks) {
        await this.file.write(chunk, at);
        at += chunk.length;
      }
    } catch (cause) {
      this.#failure ??= { cause };
    }
    this.#underWay = undefined;
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
