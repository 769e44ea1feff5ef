import type { DataType } from '@tensorflow/tfjs';
import type {
  AttributeValue,
  ConstantValues,
  GraphDefinition,
  GraphNode,
  KernelInput,
  Signature,
  SymbolicNumber,
  TensorRef,
  TensorType,
} from '../src/ir/types';

/** The batch size as a dimension. */
export const batch: SymbolicNumber = { batch: [0, 1, 0] };

export const float = (...shape: SymbolicNumber[]): TensorType => ({ dtype: 'float32', shape });

/** Builds a graph node by node. */
export class DefinitionBuilder {
  readonly nodes: GraphNode[] = [];
  readonly signatures: Record<string, Signature> = {};

  #add(node: GraphNode): TensorRef {
    return { node: this.nodes.push(node) - 1, output: 0 };
  }

  placeholder(name: string, spec: TensorType): TensorRef {
    return this.#add({ kind: 'placeholder', name, outputs: [spec] });
  }

  variable(name: string, spec: TensorType, trainable = true): TensorRef {
    return this.#add({ kind: 'variable', name, trainable, outputs: [spec] });
  }

  constant(name: string, spec: TensorType, values: ConstantValues): TensorRef {
    return this.#add({ kind: 'constant', name, outputs: [spec], values });
  }

  random(name: string, spec: TensorType, index: number): TensorRef {
    const parameters = { minval: 0, maxval: 1 };
    return this.#add({
      kind: 'random',
      name,
      distribution: 'uniform',
      parameters,
      index,
      outputs: [spec],
    });
  }

  kernel(
    name: string,
    kernel: string,
    inputs: Record<string, KernelInput>,
    output: TensorType | readonly TensorType[],
    attributes: Record<string, AttributeValue> = {},
  ): TensorRef {
    const outputs: readonly TensorType[] = Array.isArray(output) ? output : [output as TensorType];
    return this.#add({ kind: 'kernel', name, kernel, inputs, attributes, outputs });
  }

  signature(
    name: string,
    inputs: readonly string[],
    outputs: Record<string, TensorRef>,
    updates: Record<string, TensorRef> = {},
  ): this {
    this.signatures[name] = {
      inputs,
      outputs,
      updates: Object.entries(updates).map(([variable, value]) => ({ variable, value })),
    };
    return this;
  }

  get definition(): GraphDefinition {
    return { nodes: this.nodes, signatures: this.signatures };
  }
}

/** y = x·w + b of dtype float32, w [3, 2], b [2]; a training signature that halves w and adds the loss to b. */
export const linear = (): GraphDefinition => {
  const graph = new DefinitionBuilder();
  const x = graph.placeholder('x', float(batch, 3));
  const w = graph.variable('w', float(3, 2));
  const b = graph.variable('b', float(2));
  const product = graph.kernel('dense/MatMul', 'BatchMatMul', { a: x, b: w }, float(batch, 2), {
    transposeA: false,
    transposeB: false,
  });
  const y = graph.kernel('dense/BiasAdd', 'Add', { a: product, b }, float(batch, 2));
  const target = graph.placeholder('target', float(batch, 2));
  const error = graph.kernel(
    'loss/SquaredDifference',
    'SquaredDifference',
    { a: y, b: target },
    float(batch, 2),
  );
  const sum = graph.kernel('loss/Sum', 'Sum', { x: error }, float(), {
    axis: [0, 1],
    keepDims: false,
  });
  const share = graph.constant('loss/Const', float(), {
    fill: { batch: [0, 1, 0], reciprocal: true },
  });
  const loss = graph.kernel('loss/Mul', 'Multiply', { a: sum, b: share }, float());
  const half = graph.constant('half', float(), { fill: 0.5 });
  const nextW = graph.kernel('train/Mul', 'Multiply', { a: w, b: half }, float(3, 2));
  const nextB = graph.kernel('train/Add', 'Add', { a: b, b: loss }, float(2));
  graph.signature('predict', ['x'], { y });
  graph.signature('train', ['x', 'target'], { loss }, { w: nextW, b: nextB });
  return graph.definition;
};

export const typeOf = (dtype: DataType, ...shape: SymbolicNumber[]): TensorType => ({
  dtype,
  shape,
});
