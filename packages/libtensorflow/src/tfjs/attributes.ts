import koffi from 'koffi';
import { int64s, type Pointer, type Runtime } from '../c-api';
import { TensorArgumentError } from '../errors';
import { attributeTypes, type OpAttribute } from './binding-types';
import { cName, cString } from './c-strings';

/** Reused for short lists, which TensorFlow copies before the call returns. */
const scratch = new BigInt64Array(64);

const integers = (values: readonly number[]): BigInt64Array =>
  int64s(values, values.length <= scratch.length ? scratch : undefined);

const setString = ({ c }: Runtime, op: Pointer, name: Pointer, value: string): void => {
  const cached = cString(value);
  if (cached !== undefined) {
    c.TFE_OpSetAttrString(op, name, cached.address, cached.length);
    return;
  }
  const bytes = Buffer.from(value);
  c.TFE_OpSetAttrString(op, name, bytes, bytes.length);
};

const setStrings = ({ c }: Runtime, op: Pointer, name: Pointer, values: readonly string[]) => {
  const all = Buffer.from(values.join(''));
  const lengths = BigUint64Array.from(values, (value) => BigInt(Buffer.byteLength(value)));
  const addresses = new BigUint64Array(values.length);
  let next = all.length === 0 ? 0n : koffi.address(all);
  for (const [index, length] of lengths.entries()) {
    addresses[index] = next;
    next += length;
  }
  c.TFE_OpSetAttrStringList(op, name, addresses, lengths, values.length);
};

/** The length of each axis, with -1 for an unknown length; null or undefined for an unknown rank. */
type AttributeShape = readonly number[] | null | undefined;

const setShape = ({ c, status }: Runtime, op: Pointer, name: Pointer, shape: AttributeShape) => {
  c.TFE_OpSetAttrShape(op, name, integers(shape ?? []), shape?.length ?? -1, status.pointer);
};

const setShapes = (
  { c, status }: Runtime,
  op: Pointer,
  name: Pointer,
  shapes: readonly AttributeShape[],
): void => {
  const dims = int64s(shapes.flatMap((shape) => shape ?? []));
  const addresses = new BigUint64Array(shapes.length);
  let next = dims.length === 0 ? 0n : koffi.address(dims);
  for (const [index, shape] of shapes.entries()) {
    addresses[index] = next;
    next += BigInt((shape?.length ?? 0) * 8);
  }
  const ranks = Int32Array.from(shapes, (shape) => shape?.length ?? -1);
  c.TFE_OpSetAttrShapeList(op, name, addresses, ranks, shapes.length, status.pointer);
};

type Guard<T> = (value: unknown) => value is T;

const isString = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isDataType = (value: unknown): value is number => isInteger(value) && value > 0;
const isShape = (value: unknown): value is AttributeShape =>
  value == null ||
  (Array.isArray(value) && value.every((length) => isInteger(length) && length >= -1));

const describe = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  return Array.isArray(value) ? `[${value.map(describe).join(', ')}]` : String(value);
};

/** TensorFlow can't see what a value was converted from: `'false'` would be true, and 2.9 be 2. */
const invalidValue = (subject: string, expected: string, value: unknown): TensorArgumentError =>
  new TensorArgumentError({
    subject,
    expected,
    actual: describe(value),
    fix: 'Pass a value of the type that the attribute has in TensorFlow.',
  });

type Setter<T> = (runtime: Runtime, op: Pointer, name: Pointer, value: T) => void;

interface AttributeKind {
  set(runtime: Runtime, op: Pointer, name: string, value: unknown): void;
}

const kind = <T>(
  expected: string,
  isValid: Guard<T>,
  set: Setter<T>,
  setList: Setter<readonly T[]>,
  isList: (value: unknown) => value is unknown[] = Array.isArray,
): AttributeKind => ({
  set: (runtime, op, name, value) => {
    if (!isList(value)) {
      if (!isValid(value)) throw invalidValue(`attribute "${name}"`, expected, value);
      set(runtime, op, cName(name), value);
    } else if (value.every(isValid)) {
      setList(runtime, op, cName(name), value);
    } else {
      const index = value.findIndex((element) => !isValid(element));
      throw invalidValue(`element ${index} of attribute "${name}"`, expected, value[index]);
    }
  },
});

/** A shape is a list too, so only a list of lists is a list of shapes. */
const isShapeList = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.some((element) => element === null || Array.isArray(element));

const kinds: Readonly<Record<number, AttributeKind>> = {
  [attributeTypes.TF_ATTR_STRING]: kind('a string', isString, setString, setStrings),
  [attributeTypes.TF_ATTR_INT]: kind(
    'an integer',
    isInteger,
    ({ c }, op, name, value) => c.TFE_OpSetAttrInt(op, name, value),
    ({ c }, op, name, list) => c.TFE_OpSetAttrIntList(op, name, integers(list), list.length),
  ),
  [attributeTypes.TF_ATTR_FLOAT]: kind(
    'a number',
    isNumber,
    ({ c }, op, name, value) => c.TFE_OpSetAttrFloat(op, name, value),
    ({ c }, op, name, list) =>
      c.TFE_OpSetAttrFloatList(op, name, Float32Array.from(list), list.length),
  ),
  [attributeTypes.TF_ATTR_BOOL]: kind(
    'true or false',
    isBoolean,
    ({ c }, op, name, value) => c.TFE_OpSetAttrBool(op, name, value ? 1 : 0),
    ({ c }, op, name, list) =>
      c.TFE_OpSetAttrBoolList(op, name, Uint8Array.from(list, Number), list.length),
  ),
  [attributeTypes.TF_ATTR_TYPE]: kind(
    'a TF_DataType',
    isDataType,
    ({ c }, op, name, value) => c.TFE_OpSetAttrType(op, name, value),
    ({ c }, op, name, list) =>
      c.TFE_OpSetAttrTypeList(op, name, Int32Array.from(list), list.length),
  ),
  [attributeTypes.TF_ATTR_SHAPE]: kind(
    'a list of integers of at least -1, or null',
    isShape,
    setShape,
    setShapes,
    isShapeList,
  ),
};

/**
 * Sets an attribute of an operation before it is executed.
 *
 * @throws RangeError for an attribute type that TensorFlow doesn't have
 * @throws TensorArgumentError for a value whose type isn't the attribute's
 */
export const setAttribute = (runtime: Runtime, op: Pointer, attribute: OpAttribute): void => {
  const { name, type, value } = attribute;
  const attributeKind = kinds[type];
  if (attributeKind === undefined) {
    throw new RangeError(`Attribute "${name}": Unhandled TF_AttrType: ${type}`);
  }
  attributeKind.set(runtime, op, name, value);
  if (type === attributeTypes.TF_ATTR_SHAPE) runtime.status.check(name);
};
