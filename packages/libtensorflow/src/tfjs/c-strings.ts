import koffi from 'koffi';
import { memory, type Pointer } from '../c-api';

/** A string in C's memory, ended by a zero byte. */
export interface CString {
  readonly address: Pointer;
  /** Bytes before the zero. */
  readonly length: number;
}

const write = (text: string): CString => {
  const bytes = Buffer.from(`${text}\0`);
  const address: Pointer = koffi.alloc('uint8_t', bytes.length);
  memory().copy(address, bytes, bytes.length);
  return { address, length: bytes.length - 1 };
};

const most = 4096;
const known = new Map<string, CString>();

/**
 * The names of operations and attributes, and the few words that attributes take, written once: they
 * come again with every step. They are never freed, since TensorFlow may keep the names.
 *
 * @returns undefined for a text that is new, when there are thousands already
 */
export const cString = (text: string): CString | undefined => {
  const there = known.get(text);
  if (there !== undefined) return there;
  if (known.size >= most) return undefined;
  const made = write(text);
  known.set(text, made);
  return made;
};

/** The same for names, of which there are only as many as TensorFlow has. */
export const cName = (text: string): Pointer => {
  const there = known.get(text);
  if (there !== undefined) return there.address;
  const made = write(text);
  known.set(text, made);
  return made.address;
};
