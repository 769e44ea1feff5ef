import type { RecordQueue } from './record-queue';
import { varintSize, writeVarint } from './varint';

// Field numbers and wire types, as one byte each, of Event, Summary and Summary.Value.
const EVENT_WALL_TIME = 0x09;
const EVENT_STEP = 0x10;
const EVENT_SUMMARY = 0x2a;
const SUMMARY_VALUE = 0x0a;
const VALUE_TAG = 0x0a;
const VALUE_SIMPLE = 0x15;

const MAX_KEPT_TAGS = 4096;

/** `field` with `content` behind it; `missing` bytes of the message are still to follow. */
const nested = (field: number, content: Uint8Array, missing: number): Uint8Array => {
  const length = content.length + missing;
  const bytes = new Uint8Array(1 + varintSize(length) + content.length);
  bytes[0] = field;
  bytes.set(content, writeVarint(bytes, 1, length));
  return bytes;
};

const concat = (head: Uint8Array, last: number): Uint8Array => {
  const bytes = new Uint8Array(head.length + 1);
  bytes.set(head);
  bytes[head.length] = last;
  return bytes;
};

/** The summary of an event with one `simple_value`, up to the value itself. */
const summaryHead = (tag: string): Uint8Array => {
  const value = concat(nested(VALUE_TAG, new TextEncoder().encode(tag), 0), VALUE_SIMPLE);
  return nested(EVENT_SUMMARY, nested(SUMMARY_VALUE, value, 4), 4);
};

/**
 * Writes events with one `simple_value` straight into a queue. All that depends on the tag alone is
 * kept from call to call. The bytes are those that protobuf gives.
 */
export class ScalarEncoder {
  readonly #heads = new Map<string, Uint8Array>();

  /** @param prefix what every tag starts with */
  constructor(private readonly prefix: string) {}

  /**
   * @param value written as float32
   * @param step a safe integer
   * @param wallTime seconds since the epoch
   */
  append(queue: RecordQueue, tag: string, value: number, step: number, wallTime: number): void {
    const head = this.#heads.get(tag) ?? this.#keepHead(tag);
    const stepSize = step === 0 ? 0 : 1 + varintSize(step);
    const length = 9 + stepSize + head.length + 4;
    const at = queue.open(length);
    const { bytes, view } = queue;
    bytes[at] = EVENT_WALL_TIME;
    view.setFloat64(at + 1, wallTime, true);
    let next = at + 9;
    if (stepSize > 0) {
      bytes[next] = EVENT_STEP;
      next = writeVarint(bytes, next + 1, step);
    }
    bytes.set(head, next);
    view.setFloat32(next + head.length, value, true);
    queue.seal(length);
  }

  #keepHead(tag: string): Uint8Array {
    // Tags that never repeat must not fill the memory.
    if (this.#heads.size >= MAX_KEPT_TAGS) this.#heads.clear();
    const head = summaryHead(this.prefix + tag);
    this.#heads.set(tag, head);
    return head;
  }
}
