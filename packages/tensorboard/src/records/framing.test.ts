import { describe, expect, it } from 'vitest';
import { hex } from '../../test/hex';
import { isHeaderIntact, RECORD_HEADER_BYTES, sealRecord } from './framing';

/** Records written by TensorFlow 2.21. */
const recorded = [
  '1800000000000000 a37f4b22 0900000040fc54d9411a0d627261696e2e4576656e743a32 eced8f9d',
  '1a00000000000000 129bd82d 090000a094fec0da4110032a0d0a0b0a046c6f7373150000003f c8bda1e5',
].map(hex);

describe('sealRecord', () => {
  it.each(recorded)('frames a payload as TensorFlow does', (record) => {
    const bytes = new Uint8Array(record.length + 5);
    const payload = record.subarray(RECORD_HEADER_BYTES, -4);
    bytes.set(payload, 5 + RECORD_HEADER_BYTES);
    sealRecord(bytes, new DataView(bytes.buffer), 5, payload.length);
    expect(bytes.subarray(5)).toEqual(record);
  });
});

describe('isHeaderIntact', () => {
  it('detects a damaged header', () => {
    const [record = new Uint8Array()] = recorded;
    const header = record.slice(0, RECORD_HEADER_BYTES);
    expect(isHeaderIntact(new DataView(header.buffer))).toBe(true);
    header[3] = 1;
    expect(isHeaderIntact(new DataView(header.buffer))).toBe(false);
  });
});
