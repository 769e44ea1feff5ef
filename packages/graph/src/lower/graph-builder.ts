import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttrValueSchema,
  type DType,
  dataTypeOf,
  type NodeDefSchema,
  type TensorProtoSchema,
} from '@elistimator/protos';
import { BATCH, numberKey } from '../ir/symbolic-numbers';
import type { PolynomialNumber, SizeFactor, SymbolicNumber } from '../ir/types';

/** An attribute of an operation, as TensorFlow stores it. */
export type AttributeProto = MessageInitShape<typeof AttrValueSchema>;

/** A tensor of the graph that is being built. */
export interface LoweredTensor {
  /** TensorFlow's name of it: `dense/MatMul`, or `split:1` for a later output. */
  readonly name: string;
  readonly dtype: DType;
}

/** The parts of an operation other than its name and type. */
export interface OpParts {
  readonly inputs?: readonly LoweredTensor[];
  /** Operations that run before this one, by name. */
  readonly after?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeProto>>;
  /** The dtypes of the outputs; default: one, of the dtype of the first input. */
  readonly outputs?: readonly DType[];
}

export const typeAttribute = (dtype: DType): AttributeProto => ({
  value: { case: 'type', value: dataTypeOf(dtype) },
});

export const intAttribute = (value: number): AttributeProto => ({
  value: { case: 'i', value: BigInt(value) },
});

export const intsAttribute = (values: readonly number[]): AttributeProto => ({
  value: { case: 'list', value: { i: values.map(BigInt) } },
});

export const floatAttribute = (value: number): AttributeProto => ({ value: { case: 'f', value } });

export const boolAttribute = (value: boolean): AttributeProto => ({ value: { case: 'b', value } });

export const textAttribute = (value: string): AttributeProto => ({
  value: { case: 's', value: new TextEncoder().encode(value) },
});

/** -1 stands for a dimension that is not known, as in a placeholder. */
export const shapeAttribute = (shape: readonly number[]): AttributeProto => ({
  value: { case: 'shape', value: { dim: shape.map((size) => ({ size: BigInt(size) })) } },
});

type Proto = MessageInitShape<typeof TensorProtoSchema>;

/** dtypes in which constants are made here. */
type ConstantDType = 'float32' | 'float64' | 'int32' | 'bool' | 'string';

const littleEndian = (
  values: readonly number[],
  size: number,
  set: 'setFloat32' | 'setFloat64' | 'setInt32',
): Uint8Array => {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view[set](index * size, value, true);
  });
  return bytes;
};

const contentOf = (dtype: Exclude<ConstantDType, 'string'>, values: readonly number[]) => {
  switch (dtype) {
    case 'float32':
      return littleEndian(values, 4, 'setFloat32');
    case 'float64':
      return littleEndian(values, 8, 'setFloat64');
    case 'int32':
      return littleEndian(values, 4, 'setInt32');
    case 'bool':
      return Uint8Array.from(values, Number);
  }
};

const polynomialOf = (value: Exclude<SymbolicNumber, number>): PolynomialNumber['terms'] =>
  'terms' in value
    ? value.terms
    : value.batch.flatMap((coefficient, power) =>
        coefficient === 0
          ? []
          : [{ coefficient, factors: power === 0 ? [] : [{ symbol: BATCH, power }] }],
      );

/**
 * Builds the operations of a GraphDef, each after its inputs.
 *
 * Sizes that depend on open dimensions become operations on the shapes of placeholders. Constants and sizes
 * that occur twice are built once.
 */
export class GraphBuilder {
  readonly nodes: MessageInitShape<typeof NodeDefSchema>[] = [];
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, LoweredTensor>();
  readonly #sizes = new Map<string, LoweredTensor>();
  readonly #numbers = new Map<string, LoweredTensor>();
  /** The scope of new operations. */
  #scope = '';

  /** Names the operations that `build` makes: the one that it names itself, and `scope/…` for the others. */
  within<T>(scope: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /** A name that no operation has: `base`, or `base_1`, … */
  uniqueName(base: string): string {
    let name = base;
    for (let count = 1; this.#names.has(name); count++) name = `${base}_${count}`;
    this.#names.add(name);
    return name;
  }

  /** Adds an operation with the name, which must be new, and returns its outputs. */
  #add(name: string, op: string, { inputs = [], after = [], attributes = {}, outputs }: OpParts) {
    const [first] = inputs;
    const dtypes = outputs ?? (first ? [first.dtype] : []);
    this.nodes.push({
      name,
      op,
      input: [...inputs.map((tensor) => tensor.name), ...after.map((operation) => `^${operation}`)],
      attr: { ...attributes },
    });
    return dtypes.map(
      (dtype, index): LoweredTensor => ({ name: index === 0 ? name : `${name}:${index}`, dtype }),
    );
  }

  /** Adds an operation within the scope. */
  op(op: string, parts: OpParts): LoweredTensor {
    const [output] = this.ops(op, parts);
    if (output === undefined) throw new Error(`${op} has no output.`);
    return output;
  }

  /** Adds an operation with any number of outputs. */
  ops(op: string, parts: OpParts): LoweredTensor[] {
    return this.#add(this.uniqueName(this.#scope ? `${this.#scope}/${op}` : op), op, parts);
  }

  /** Adds an operation under a name of the caller's, made with `uniqueName`. */
  named(name: string, op: string, parts: OpParts): LoweredTensor[] {
    return this.#add(name, op, parts);
  }

  /** A constant with values in row-major order. */
  constant(
    dtype: ConstantDType,
    shape: readonly number[],
    values: readonly number[] | readonly string[],
  ): LoweredTensor {
    const key = `${dtype} ${shape} ${JSON.stringify(values.map((value) => (Object.is(value, -0) ? '-0' : String(value))))}`;
    const existing = this.#constants.get(key);
    if (existing) return existing;
    const head = { dtype: dataTypeOf(dtype), tensorShape: { dim: shape.map(toDim) } };
    const proto: Proto =
      dtype === 'string'
        ? { ...head, stringVal: values.map((value) => new TextEncoder().encode(String(value))) }
        : { ...head, tensorContent: contentOf(dtype, values.map(Number)) };
    const constant = this.constantOf(dtype, proto);
    this.#constants.set(key, constant);
    return constant;
  }

  /** A constant of an encoded tensor. */
  constantOf(dtype: DType, tensor: Proto, name = this.uniqueName(this.#scoped('Const'))) {
    const [constant] = this.#add(name, 'Const', {
      attributes: {
        dtype: typeAttribute(dtype),
        value: { value: { case: 'tensor', value: tensor } },
      },
      outputs: [dtype],
    });
    if (constant === undefined) throw new Error('A constant has an output.');
    return constant;
  }

  #scoped(op: string): string {
    return this.#scope ? `${this.#scope}/${op}` : op;
  }

  scalar(dtype: Exclude<ConstantDType, 'string'>, value: number): LoweredTensor {
    return this.constant(dtype, [], [value]);
  }

  /** A vector of int32, such as the axes of a reduction. */
  vector(values: readonly number[]): LoweredTensor {
    return this.constant('int32', [values.length], values);
  }

  /** Defines the scalar int32 tensor that holds the size of an open dimension. */
  defineSize(symbol: string, placeholder: LoweredTensor, axis: number): void {
    if (this.#sizes.has(symbol)) return;
    const shape = this.op('Shape', {
      inputs: [placeholder],
      attributes: { T: typeAttribute(placeholder.dtype), out_type: typeAttribute('int32') },
      outputs: ['int32'],
    });
    this.#sizes.set(symbol, this.#element(shape, axis));
  }

  #element(vector: LoweredTensor, index: number): LoweredTensor {
    const [begin, end, strides] = [[index], [index + 1], [1]].map((at) => this.vector(at));
    if (!begin || !end || !strides) throw new Error('A slice has three bounds.');
    return this.op('StridedSlice', {
      inputs: [vector, begin, end, strides],
      attributes: {
        T: typeAttribute(vector.dtype),
        Index: typeAttribute('int32'),
        shrink_axis_mask: intAttribute(1),
      },
    });
  }

  #sizeOf(symbol: string): LoweredTensor {
    const size = this.#sizes.get(symbol);
    if (size) return size;
    throw new Error(`No placeholder of the signature has the size "${symbol}".`);
  }

  /** A binary operation on two tensors of one dtype. */
  binary(op: string, left: LoweredTensor, right: LoweredTensor): LoweredTensor {
    return this.op(op, { inputs: [left, right], attributes: { T: typeAttribute(left.dtype) } });
  }

  cast(tensor: LoweredTensor, dtype: DType): LoweredTensor {
    if (tensor.dtype === dtype) return tensor;
    return this.op('Cast', {
      inputs: [tensor],
      attributes: { SrcT: typeAttribute(tensor.dtype), DstT: typeAttribute(dtype) },
      outputs: [dtype],
    });
  }

  reshape(tensor: LoweredTensor, shape: readonly SymbolicNumber[]): LoweredTensor {
    return this.op('Reshape', {
      inputs: [tensor, this.shape(shape)],
      attributes: { T: typeAttribute(tensor.dtype), Tshape: typeAttribute('int32') },
    });
  }

  transpose(tensor: LoweredTensor, permutation: readonly number[]): LoweredTensor {
    return this.op('Transpose', {
      inputs: [tensor, this.vector(permutation)],
      attributes: { T: typeAttribute(tensor.dtype), Tperm: typeAttribute('int32') },
    });
  }

  #factor({ symbol, power, offset = 0, divisor }: SizeFactor, dtype: 'int32' | 'float64') {
    let base = this.#sizeOf(symbol);
    if (offset !== 0) base = this.binary('AddV2', base, this.scalar('int32', offset));
    if (divisor !== undefined) base = this.binary('FloorDiv', base, this.scalar('int32', divisor));
    const cast = this.cast(base, dtype);
    let product = cast;
    for (let count = 1; count < power; count++) product = this.binary('Mul', product, cast);
    return product;
  }

  /** A number as a scalar: in int32 arithmetic if all coefficients are integers, otherwise in float64. */
  number(value: SymbolicNumber, dtype: 'float32' | 'int32' | 'bool'): LoweredTensor {
    if (typeof value === 'number') return this.scalar(dtype, value);
    const key = `${dtype} ${numberKey(value)}`;
    const existing = this.#numbers.get(key);
    if (existing) return existing;
    // Numbers are shared, so they belong to no operation.
    const scalar = this.within('sizes', () => this.cast(this.#polynomial(value), dtype));
    this.#numbers.set(key, scalar);
    return scalar;
  }

  #polynomial(value: Exclude<SymbolicNumber, number>): LoweredTensor {
    const terms = polynomialOf(value);
    const isInteger =
      !value.reciprocal && terms.every(({ coefficient }) => Number.isInteger(coefficient));
    const dtype = isInteger ? 'int32' : 'float64';
    let sum: LoweredTensor | undefined;
    for (const { coefficient, factors } of terms) {
      let product = coefficient === 1 ? undefined : this.scalar(dtype, coefficient);
      for (const factor of factors) {
        const next = this.#factor(factor, dtype);
        product = product ? this.binary('Mul', product, next) : next;
      }
      product ??= this.scalar(dtype, coefficient);
      sum = sum ? this.binary('AddV2', sum, product) : product;
    }
    sum ??= this.scalar(dtype, 0);
    return value.reciprocal ? this.binary('RealDiv', this.scalar(dtype, 1), sum) : sum;
  }

  /** A list of numbers as a vector of int32: a constant, unless one of them depends on an open dimension. */
  shape(values: readonly SymbolicNumber[]): LoweredTensor {
    const numbers = values.filter((value) => typeof value === 'number');
    if (numbers.length === values.length) return this.vector(numbers);
    const key = `shape ${values.map(numberKey)}`;
    const existing = this.#numbers.get(key);
    if (existing) return existing;
    const vector = this.within('sizes', () =>
      this.op('Pack', {
        inputs: values.map((value) => this.number(value, 'int32')),
        attributes: {
          T: typeAttribute('int32'),
          N: intAttribute(values.length),
          axis: intAttribute(0),
        },
      }),
    );
    this.#numbers.set(key, vector);
    return vector;
  }
}

const toDim = (size: number) => ({ size: BigInt(size) });
