import { RECORD_HEADER_BYTES, RECORD_OVERHEAD_BYTES, sealRecord } from './record-framing';

const CHUNK_BYTES = 1 << 16;

/**
 * Framed records on their way to a file, packed into few large chunks. A record is written in place:
 * `open` makes room, the caller fills in the payload, `seal` frames it.
 */
export class RecordQueue {
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#bytes.buffer);
  /** What of the current chunk is queued. */
  #start = 0;
  #end = 0;
  #full: Uint8Array[] = [];
  #fullBytes = 0;

  /** Where an opened payload lies. Valid until the next `open`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Over all of `bytes`. */
  get view(): DataView {
    return this.#view;
  }

  /** Bytes queued, framing included. */
  get size(): number {
    return this.#fullBytes + this.#end - this.#start;
  }

  /**
   * Makes room for a payload.
   *
   * @returns where in `bytes` it starts
   */
  open(length: number): number {
    const size = length + RECORD_OVERHEAD_BYTES;
    if (this.#end + size > this.#bytes.length) this.#startChunk(Math.max(size, CHUNK_BYTES));
    return this.#end + RECORD_HEADER_BYTES;
  }

  /** Frames the payload that was opened, and queues it. */
  seal(length: number): void {
    sealRecord(this.#bytes, this.#view, this.#end, length);
    this.#end += length + RECORD_OVERHEAD_BYTES;
  }

  append(payload: Uint8Array): void {
    const at = this.open(payload.length);
    this.#bytes.set(payload, at);
    this.seal(payload.length);
  }

  /** Hands over everything queued, in order. The bytes will not change. */
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
