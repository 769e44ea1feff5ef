import { create, toBinary } from '@bufbuild/protobuf';
import { type DType, GraphDefSchema } from '@elistimator/protos';
import { UnknownOperationError } from '../ir/errors';
import { reachableFrom } from '../ir/references';
import { symbolOf } from '../ir/symbolic-numbers';
import {
  type ConstantNode,
  type Distribution,
  type GraphDefinition,
  type GraphNode,
  isFill,
  type RandomNode,
  type Signature,
  type TensorRef,
} from '../ir/types';
import { constantToProto } from '../store/tensor-protos';
import { convolutions } from './convolutions';
import { elementwise } from './elementwise';
import {
  boolAttribute,
  GraphBuilder,
  intAttribute,
  type LoweredTensor,
  shapeAttribute,
  textAttribute,
  typeAttribute,
} from './graph-builder';
import { images } from './images';
import { KernelLowering, LoweringError, type LowerKernel } from './kernel-lowering';
import { reductions } from './reductions';
import { shapes } from './shapes';

const kernels: Readonly<Record<string, LowerKernel>> = {
  ...elementwise,
  ...shapes,
  ...reductions,
  ...convolutions,
  ...images,
};

/** Why a kernel of tfjs can't be lowered. */
export const unloweredKernels: Readonly<Record<string, string>> = {
  Draw: 'it draws on a canvas',
  FromPixels: 'it reads a canvas',
  Multinomial: 'it draws random numbers that no seed of a run determines',
  NonMaxSuppressionV3: 'its output has as many elements as its values tell',
  NonMaxSuppressionV5: 'its output has as many elements as its values tell',
  Pool: 'no backend of tfjs has it',
  RaggedGather: 'its output has as many elements as its values tell',
  RaggedRange: 'its output has as many elements as its values tell',
  RaggedTensorToTensor: 'its output has as many elements as its values tell',
  RotateWithOffset: 'TensorFlow has no operation for it',
  SparseFillEmptyRows: 'its output has as many elements as its values tell',
  SparseReshape: 'its output has as many elements as its values tell',
  StringNGrams: 'its output has as many elements as its values tell',
  StringSplit: 'its output has as many elements as its values tell',
  Unique: 'its output has as many elements as its values tell',
  Where: 'its output has as many elements as its values tell',
};

/** The kernels that `lower` knows, sorted. */
export const loweredKernels: readonly string[] = Object.keys(kernels).sort();

/** A variable of the lowered graph. It keeps its value in the session, until it is assigned. */
export interface LoweredVariable {
  /** The variable's name in the traced graph. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The tensor that is the variable's value when it is fetched. */
  readonly value: string;
  /** The placeholder to feed with a new value. */
  readonly newValue: string;
  /** The operation that assigns the fed value. */
  readonly assign: string;
  /** The operation that frees the value's memory. */
  readonly destroy: string;
}

/** A tensor to feed, or to fetch. */
export interface LoweredPort {
  readonly name: string;
  /** TensorFlow's name of the tensor. */
  readonly tensor: string;
  readonly dtype: DType;
}

/** A signature of a graph as a graph of TensorFlow's. */
export interface LoweredSignature {
  /** A serialized GraphDef. */
  readonly graphDef: Uint8Array;
  readonly feeds: readonly LoweredPort[];
  readonly fetches: readonly LoweredPort[];
  readonly variables: readonly LoweredVariable[];
  /** Runs all updates of variables, after everything that reads their old values. */
  readonly update: string | undefined;
  /** The int64 scalar to feed with the seed of a run, if the signature draws random numbers. */
  readonly seed: string | undefined;
}

const randomOps: Readonly<Record<Distribution, string>> = {
  uniform: 'StatelessRandomUniformV2',
  normal: 'StatelessRandomNormalV2',
  truncatedNormal: 'StatelessTruncatedNormalV2',
};

class Lowering {
  readonly #nodes: readonly GraphNode[];
  readonly #signature: Signature;
  readonly #b = new GraphBuilder();
  /** The outputs of each node that has been lowered. */
  readonly #tensors: (readonly LoweredTensor[])[] = [];
  readonly #variables = new Map<string, LoweredVariable>();
  readonly #handles = new Map<string, LoweredTensor>();
  #seed: LoweredTensor | undefined;

  constructor({ nodes }: GraphDefinition, signature: Signature) {
    this.#nodes = nodes;
    this.#signature = signature;
  }

  run(): LoweredSignature {
    const { outputs, updates, inputs } = this.#signature;
    const roots = [...Object.values(outputs), ...updates.map(({ value }) => value)];
    const reached = reachableFrom(this.#nodes, roots);
    // The names of the traced graph come first: operations that lowering adds get other ones.
    const needed = this.#nodes.flatMap((node, index) => {
      const isNeeded =
        reached[index] ||
        (node.kind === 'placeholder' && inputs.includes(node.name)) ||
        (node.kind === 'variable' && updates.some(({ variable }) => variable === node.name));
      if (isNeeded) this.#b.uniqueName(node.name);
      return isNeeded ? [{ node, index }] : [];
    });
    for (const { node, index } of needed) {
      this.#tensors[index] = this.#b.within(node.name, () => this.#lower(node));
    }
    const fetches = Object.entries(outputs).map(([name, ref]): LoweredPort => {
      const { name: tensor, dtype } = this.#tensor(ref);
      return { name, tensor, dtype };
    });
    const update = this.#update();
    return {
      graphDef: toBinary(
        GraphDefSchema,
        create(GraphDefSchema, { node: this.#b.nodes, versions: { producer: 1882 } }),
      ),
      feeds: needed.flatMap(({ node }) =>
        node.kind === 'placeholder'
          ? [{ name: node.name, tensor: node.name, dtype: node.outputs[0].dtype }]
          : [],
      ),
      fetches,
      variables: [...this.#variables.values()],
      update,
      seed: this.#seed?.name,
    };
  }

  #tensor({ node, output }: TensorRef): LoweredTensor {
    const tensor = this.#tensors[node]?.[output];
    if (tensor === undefined) throw new Error(`Node ${node} is used before it is lowered.`);
    return tensor;
  }

  #lower(node: GraphNode): readonly LoweredTensor[] {
    switch (node.kind) {
      case 'placeholder':
        return this.#placeholder(node.name, node.outputs[0]);
      case 'variable':
        return this.#variable(node.name, node.outputs[0]);
      case 'constant':
        return this.#constant(node);
      case 'random':
        return this.#random(node);
      case 'kernel': {
        const lowerKernel = Object.hasOwn(kernels, node.kernel) ? kernels[node.kernel] : undefined;
        if (lowerKernel === undefined) {
          throw new LoweringError(
            node.name,
            node.kernel,
            'a kernel that can be lowered',
            `one that can't: ${unloweredKernels[node.kernel] ?? 'it is not a kernel of tfjs'}`,
          );
        }
        const nodes = {
          tensor: (ref: TensorRef) => this.#tensor(ref),
          type: (ref: TensorRef) =>
            this.#nodes[ref.node]?.outputs[ref.output] ?? { dtype: 'float32' as const, shape: [] },
        };
        return lowerKernel(new KernelLowering(node, this.#b, nodes));
      }
    }
  }

  #placeholder(name: string, { dtype, shape }: GraphNode['outputs'][number] & object) {
    const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
    const outputs = this.#b.named(name, 'Placeholder', {
      attributes: { dtype: typeAttribute(dtype), shape: shapeAttribute(sizes) },
      outputs: [dtype],
    });
    const [placeholder] = outputs;
    if (placeholder) {
      this.#b.within('sizes', () => {
        shape.forEach((size, axis) => {
          const symbol = symbolOf(size);
          if (symbol !== undefined) this.#b.defineSize(symbol, placeholder, axis);
        });
      });
    }
    return outputs;
  }

  /** A resource variable: its handle, the reading of its value, and the assignment of a fed one. */
  #variable(name: string, { dtype, shape }: GraphNode['outputs'][number] & object) {
    const sizes = shape.map((size) => {
      if (typeof size === 'number') return size;
      throw new LoweringError(
        name,
        'variable',
        'a shape of fixed sizes',
        'one that depends on the batch',
      );
    });
    const b = this.#b;
    const type = typeAttribute(dtype);
    const handle = b.op('VarHandleOp', {
      attributes: {
        dtype: type,
        shape: shapeAttribute(sizes),
        shared_name: textAttribute(name),
      },
      outputs: ['resource'],
    });
    this.#handles.set(name, handle);
    const value = b.named(name, 'ReadVariableOp', {
      inputs: [handle],
      attributes: { dtype: type },
      outputs: [dtype],
    });
    const newValue = b.op('Placeholder', {
      attributes: { dtype: type, shape: shapeAttribute(sizes) },
      outputs: [dtype],
    });
    const assign = b.uniqueName(`${name}/Assign`);
    b.named(assign, 'AssignVariableOp', {
      inputs: [handle, newValue],
      attributes: { dtype: type },
      outputs: [],
    });
    const destroy = b.uniqueName(`${name}/Destroy`);
    b.named(destroy, 'DestroyResourceOp', {
      inputs: [handle],
      attributes: { ignore_lookup_error: boolAttribute(true) },
      outputs: [],
    });
    this.#variables.set(name, {
      name,
      dtype,
      shape: sizes,
      value: name,
      newValue: newValue.name,
      assign,
      destroy,
    });
    return value;
  }

  #constant(node: ConstantNode): readonly LoweredTensor[] {
    const { name, values } = node;
    const { dtype, shape } = node.outputs[0];
    const proto = constantToProto(node);
    if (proto !== undefined) return [this.#b.constantOf(dtype, proto, name)];
    if (!isFill(values)) throw new Error('A constant has elements, or one value.');
    const { fill } = values;
    const scalar =
      typeof fill === 'string'
        ? this.#b.constant('string', [], [fill])
        : dtype === 'complex64'
          ? this.#b.cast(this.#b.number(fill, 'float32'), dtype)
          : this.#b.number(fill, dtype === 'int32' || dtype === 'bool' ? dtype : 'float32');
    return this.#b.named(name, 'Fill', {
      inputs: [this.#b.shape(shape), scalar],
      attributes: { T: typeAttribute(dtype), index_type: typeAttribute('int32') },
      outputs: [dtype],
    });
  }

  /** The seed of the run: an int64 scalar to feed. */
  #runSeed(): LoweredTensor {
    this.#seed ??= this.#b.within('random', () =>
      this.#b.op('Placeholder', {
        attributes: { dtype: typeAttribute('int64'), shape: shapeAttribute([]) },
        outputs: ['int64'],
      }),
    );
    return this.#seed;
  }

  /** The numbers that replay draws: Philox with TensorFlow's own key for the seed and the index. */
  #random(node: RandomNode): readonly LoweredTensor[] {
    const b = this.#b;
    const { distribution, parameters, index } = node;
    const { dtype, shape } = node.outputs[0];
    const { minval = 0, maxval = 1, mean = 0, stddev = 1 } = parameters;
    const int64 = typeAttribute('int64');
    const position = b.constantOf('int64', {
      dtype: 9,
      tensorShape: { dim: [] },
      int64Val: [BigInt(index)],
    });
    const seed = b.op('Pack', {
      inputs: [this.#runSeed(), position],
      attributes: { T: int64, N: intAttribute(2), axis: intAttribute(0) },
    });
    const [key, counter] = b.ops('StatelessRandomGetKeyCounter', {
      inputs: [seed],
      attributes: { Tseed: int64 },
      outputs: ['uint64', 'uint64'],
    });
    if (key === undefined || counter === undefined) throw new Error('There are two outputs.');
    // 1 stands for Philox.
    const generator = [b.shape(shape), key, counter, b.scalar('int32', 1)];
    const isIntegral =
      dtype === 'int32' && [minval, maxval].every((bound) => bound === (bound | 0));
    if (distribution === 'uniform' && isIntegral && minval < maxval) {
      return b.named(node.name, 'StatelessRandomUniformIntV2', {
        inputs: [...generator, b.scalar('int32', minval), b.scalar('int32', maxval)],
        attributes: { dtype: typeAttribute('int32'), Tshape: typeAttribute('int32') },
        outputs: ['int32'],
      });
    }
    const [scale, offset] =
      distribution === 'uniform'
        ? [Math.fround(maxval) - Math.fround(minval), minval]
        : [stddev, mean];
    const draw = {
      inputs: generator,
      attributes: { dtype: typeAttribute('float32'), Tshape: typeAttribute('int32') },
      outputs: ['float32'] as const,
    };
    const isPlain = scale === 1 && offset === 0 && dtype === 'float32';
    if (isPlain) return b.named(node.name, randomOps[distribution], draw);
    const drawn = b.op(randomOps[distribution], draw);
    const scaled = b.binary('Mul', drawn, b.scalar('float32', scale));
    const type = { attributes: { T: typeAttribute('float32') } };
    const shifted = { inputs: [scaled, b.scalar('float32', offset)], ...type };
    if (dtype !== 'int32') return b.named(node.name, 'AddV2', shifted);
    const rounded = b.op(distribution === 'uniform' ? 'Floor' : 'Round', {
      inputs: [b.op('AddV2', shifted)],
      ...type,
    });
    return b.named(node.name, 'Cast', {
      inputs: [rounded],
      attributes: { SrcT: typeAttribute('float32'), DstT: typeAttribute('int32') },
      outputs: ['int32'],
    });
  }

  /** The operations that assign the new values, which wait for all readers of the old ones. */
  #update(): string | undefined {
    const { updates } = this.#signature;
    if (updates.length === 0) return undefined;
    const b = this.#b;
    // Values that were read stay as they were: assigning replaces a variable's memory.
    const readers = [...new Set(updates.map(({ variable }) => variable))];
    const assignments = updates.map(({ variable, value }) => {
      const handle = this.#handles.get(variable);
      if (handle === undefined) throw new Error(`Variable "${variable}" is not in the graph.`);
      const tensor = this.#tensor(value);
      const name = b.uniqueName(`${variable}/Update`);
      b.named(name, 'AssignVariableOp', {
        inputs: [handle, tensor],
        after: readers,
        attributes: { dtype: typeAttribute(tensor.dtype) },
        outputs: [],
      });
      return name;
    });
    const update = b.uniqueName('update');
    b.named(update, 'NoOp', { after: assignments, outputs: [] });
    return update;
  }
}

/**
 * Lowers a signature to a graph of TensorFlow's, for a session of libtensorflow or of Python. Pure: it needs
 * no TensorFlow.
 *
 * Open dimensions stay open: sizes that depend on them are computed from the shapes of the feeds. Random
 * numbers are those of a replay with the same seed.
 *
 * @throws UnknownOperationError without such a signature
 * @throws LoweringError that names an operation which TensorFlow lacks
 */
export const lower = (graph: GraphDefinition, signature: string): LoweredSignature => {
  const found = Object.hasOwn(graph.signatures, signature)
    ? graph.signatures[signature]
    : undefined;
  if (found === undefined) {
    throw new UnknownOperationError(signature, {
      subject: `signature "${signature}"`,
      expected: 'a signature of the graph',
      actual: Object.keys(graph.signatures).join(', ') || 'none',
      fix: 'Pass the name of one of them.',
    });
  }
  return new Lowering(graph, found).run();
};
