import koffi from 'koffi';
import { int64s, type Pointer, type Runtime } from '../c-api';
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

const setShapes = (
  { c, status }: Runtime,
  op: Pointer,
  name: Pointer,
  shapes: readonly (readonly number[])[],
): void => {
  const dims = int64s(shapes.flat());
  const addresses = new BigUint64Array(shapes.length);
  let next = dims.length === 0 ? 0n : koffi.address(dims);
  for (const [index, shape] of shapes.entries()) {
    addresses[index] = next;
    next += BigInt(shape.length * 8);
  }
  const ranks = Int32Array.from(shapes, ({ length }) => length);
  c.TFE_OpSetAttrShapeList(op, name, addresses, ranks, shapes.length, status.pointer);
};

const setList = (runtime: Runtime, op: Pointer, name: Pointer, type: number, list: unknown[]) => {
  const { c } = runtime;
  const { length } = list;
  switch (type) {
    case attributeTypes.TF_ATTR_INT:
      return c.TFE_OpSetAttrIntList(op, name, integers(list as number[]), length);
    case attributeTypes.TF_ATTR_FLOAT:
      return c.TFE_OpSetAttrFloatList(op, name, Float32Array.from(list as number[]), length);
    case attributeTypes.TF_ATTR_BOOL:
      return c.TFE_OpSetAttrBoolList(op, name, Uint8Array.from(list, Number), length);
    case attributeTypes.TF_ATTR_TYPE:
      return c.TFE_OpSetAttrTypeList(op, name, Int32Array.from(list as number[]), length);
    case attributeTypes.TF_ATTR_STRING:
      return setStrings(runtime, op, name, list as string[]);
    default:
      return setShapes(runtime, op, name, list as number[][]);
  }
};

const setSingle = (runtime: Runtime, op: Pointer, name: Pointer, type: number, value: unknown) => {
  const { c } = runtime;
  switch (type) {
    case attributeTypes.TF_ATTR_TYPE:
      return c.TFE_OpSetAttrType(op, name, value as number);
    case attributeTypes.TF_ATTR_INT:
      return c.TFE_OpSetAttrInt(op, name, value as number);
    case attributeTypes.TF_ATTR_FLOAT:
      return c.TFE_OpSetAttrFloat(op, name, value as number);
    case attributeTypes.TF_ATTR_BOOL:
      return c.TFE_OpSetAttrBool(op, name, value ? 1 : 0);
    default:
      return setString(runtime, op, name, value as string);
  }
};

/**
 * Sets an attribute of an operation before it is executed.
 *
 * @throws RangeError for an attribute type that TensorFlow doesn't have
 * @throws TypeError for a value whose type isn't the attribute's
 */
export const setAttribute = (runtime: Runtime, op: Pointer, attribute: OpAttribute): void => {
  const { type, value } = attribute;
  const name = cName(attribute.name);
  if (type < attributeTypes.TF_ATTR_STRING || type > attributeTypes.TF_ATTR_SHAPE) {
    throw new RangeError(`Attribute "${attribute.name}": Unhandled TF_AttrType: ${type}`);
  }
  // A shape is a list too, so only a list of lists is a list of shapes.
  if (
    type === attributeTypes.TF_ATTR_SHAPE &&
    (!Array.isArray(value) || !Array.isArray(value[0]))
  ) {
    const dims = (value ?? []) as readonly number[];
    const rank = value == null ? -1 : dims.length;
    runtime.c.TFE_OpSetAttrShape(op, name, integers(dims), rank, runtime.status.pointer);
  } else if (Array.isArray(value)) setList(runtime, op, name, type, value);
  else setSingle(runtime, op, name, type, value);
  if (type === attributeTypes.TF_ATTR_SHAPE) runtime.status.check(attribute.name);
};
