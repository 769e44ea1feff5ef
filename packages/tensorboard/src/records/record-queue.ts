import { RECORD_HEADER_BYTES, RECORD_OVERHEAD_BYTES, sealRecord } from './framing';

const CHUNK_BYTES = 1 << 16;

/**
 * Framed records that wait to be written, packed into a few large chunks. To avoid a copy, a record is
 * built in place: `open` reserves space, the caller writes the payload, `seal` frames it.
 */
export class RecordQueue {
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#bytes.buffer);
  /** The range of the current chunk that is queued. */
  #start = 0;
  #end = 0;
  #full: Uint8Array[] = [];
  #fullBytes = 0;

  /** The chunk that holds the payload reserved by `open`. Valid until the next `open`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  get size(): number {
    return this.#fullBytes + this.#end - this.#start;
  }

  /**
   * Reserves space for a payload.
   *
   * @returns its position in `bytes`
   */
  open(length: number): number {
    const size = length + RECORD_OVERHEAD_BYTES;
    if (this.#end + size > this.#bytes.length) this.#startChunk(Math.max(size, CHUNK_BYTES));
    return this.#end + RECORD_HEADER_BYTES;
  }

  /** Frames and queues the payload that was written after `open`. */
  seal(length: number): void {
    sealRecord(this.#bytes, this.#view, this.#end, length);
    this.#end += length + RECORD_OVERHEAD_BYTES;
  }

  append(payload: Uint8Array): void {
    const at = this.open(payload.length);
    this.#bytes.set(payload, at);
    this.seal(payload.length);
  }

  /** Removes all queued bytes and returns them in order. They do not change any more. */
  take(): Uint8Array[] {
    this.#closeChunk();
    const taken = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    return taken;
  }

  #startChunk(size: number): void {
    this.#closeChunk();
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
    this.#start = 0;
    this.#end = 0;
  }

  #closeChunk(): void {
    if (this.#end === this.#start) return;
    this.#full.push(this.#bytes.subarray(this.#start, this.#end));
    this.#fullBytes += this.#end - this.#start;
    this.#start = this.#end;
  }
}
