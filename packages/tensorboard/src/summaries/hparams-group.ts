import { createHash } from 'node:crypto';
import type { HParamValue } from './hparam-value';

/** A number as Python's `repr` has it, of a whole number as of an int. */
const pythonNumber = (value: number): string => {
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
};

const pythonString = (text: string): string =>
  JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const pythonJson = (value: HParamValue): string => {
  if (typeof value === 'string') return pythonString(value);
  return typeof value === 'number' ? pythonNumber(value) : String(value);
};

/**
 * The name of a group of trials with the same hyperparameters: the SHA-256 of their JSON.
 * Source: TensorBoard's `plugins/hparams/summary_v2.py`. Python gives the same name, save where it
 * has a whole number as a float.
 */
export const hparamsGroup = (values: Readonly<Record<string, HParamValue>>): string => {
  // Python sorts by code points, which is the order of UTF-8 bytes.
  const sorted = Object.entries(values).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const members = sorted.map(([name, value]) => `${pythonString(name)}:${pythonJson(value)}`);
  return createHash('sha256')
    .update(`{${members.join(',')}}`)
    .digest('hex');
};
