import * as tf from '@tensorflow/tfjs';
import { takesList } from '../ir/kernels';
import type { CallKernel, KernelTensors } from '../replay/kernel-caller';

/*
 * The body of a recurrence: the operations of one step. It is an attribute of a kernel, as functions are
 * attributes of TensorFlow's control flow, so that the passes and the store treat it as any attribute.
 */

/** An output of an operation of the body. */
export interface BodyRef {
  readonly node: number;
  readonly output: number;
}

/** An operand of the step: a slice of an input, a state, or a tensor that is the same in all steps. */
export interface BodyOperand {
  readonly kind: 'operand';
}

export interface BodyConstant {
  readonly kind: 'constant';
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  /** One value for all elements, or each element's. */
  readonly values: readonly number[];
}

export interface BodyKernel {
  readonly kind: 'kernel';
  readonly kernel: string;
  readonly inputNames: readonly string[];
  /** In the order of the names: a tensor, a list of tensors, or none. */
  readonly inputs: readonly { readonly refs: readonly BodyRef[]; readonly isList: boolean }[];
  readonly attributes: object;
}

export type BodyNode = BodyOperand | BodyConstant | BodyKernel;

export interface Body {
  /** Operands first, in the order in which a call passes them. */
  readonly nodes: readonly BodyNode[];
  readonly outputs: readonly BodyRef[];
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

const makeConstant = ({ dtype, shape, values }: BodyConstant): tf.Tensor => {
  const elements = new arrays[dtype](tf.util.sizeFromShape([...shape]));
  const [fill = 0] = values;
  if (values.length === 1) elements.fill(fill);
  else elements.set(values);
  return tf.tensor(elements, [...shape], dtype);
};

type Slots = (readonly (tf.Tensor | undefined)[])[];

const read = (slots: Slots, { node, output }: BodyRef): tf.Tensor => {
  const tensor = slots[node]?.[output];
  if (tensor === undefined) throw new RangeError(`No tensor ${node}:${output} in a recurrence.`);
  return tensor;
};

const gather = (node: BodyKernel, slots: Slots): KernelTensors => {
  const { kernel, inputNames, inputs } = node;
  if (takesList(kernel, inputNames)) {
    return inputs.flatMap(({ refs }) => refs.map((ref) => read(slots, ref)));
  }
  const tensors: Record<string, tf.Tensor | tf.Tensor[]> = {};
  inputNames.forEach((name, index) => {
    const input = inputs[index];
    const [first] = input?.refs ?? [];
    if (input?.isList) tensors[name] = input.refs.map((ref) => read(slots, ref));
    else if (first !== undefined) tensors[name] = read(slots, first);
  });
  return tensors;
};

/** Runs steps of a recurrence. The constants of the body are made once. Call it within a `tf.tidy`. */
export class BodyRunner {
  readonly #body: Body;
  readonly #call: CallKernel;
  readonly #constants: ReadonlyMap<number, tf.Tensor>;

  constructor(body: Body, call: CallKernel) {
    this.#body = body;
    this.#call = call;
    this.#constants = new Map(
      body.nodes.flatMap((node, index) =>
        node.kind === 'constant' ? [[index, makeConstant(node)] as const] : [],
      ),
    );
  }

  /** @param operands in the order of the body's */
  run(operands: readonly tf.Tensor[]): tf.Tensor[] {
    const slots: Slots = [];
    this.#body.nodes.forEach((node, index) => {
      if (node.kind === 'operand') slots.push([operands[index]]);
      else if (node.kind === 'constant') slots.push([this.#constants.get(index)]);
      else {
        const result = this.#call(
          node.kernel,
          gather(node, slots),
          node.attributes as tf.NamedAttrMap,
        );
        slots.push(Array.isArray(result) ? result : [result]);
      }
    });
    return this.#body.outputs.map((ref) => read(slots, ref));
  }
}
