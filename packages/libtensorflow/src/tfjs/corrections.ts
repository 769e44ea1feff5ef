import { sizeOf } from '@elistimator/internal';
import { TensorArgumentError } from '../errors';
import {
  attributeTypes,
  dataTypes,
  type OpAttribute,
  type TensorMetadata,
  type TfjsBinding,
} from './binding-types';
import type { TensorHandles } from './tensor-handles';

type Operations = Pick<TfjsBinding, 'createTensor' | 'deleteTensor' | 'executeOp'>;

/**
 * Executes something else instead of an operation, or refuses it.
 *
 * @returns undefined if the operation itself is right
 */
type Correction = (
  binding: Operations,
  tensors: TensorHandles,
  attributes: readonly OpAttribute[],
  inputs: readonly number[],
) => TensorMetadata[] | undefined;

/**
 * TensorFlow 2.21's `Round` returns zeros for integers. Python never sees that, because its `tf.round` returns
 * integers unchanged.
 */
const round: Correction = (binding, tensors, attributes, inputs) => {
  const dtype = tensors.dtype(inputs[0] ?? -1);
  const isInteger = dtype === dataTypes.TF_INT32 || dtype === dataTypes.TF_INT64;
  return isInteger ? binding.executeOp('Identity', attributes, inputs, 1) : undefined;
};

/**
 * For no examples, TensorFlow 2.21's convolutions return the shape of the input instead of the one that follows
 * from filter, strides and padding. One example of zeros is convolved to learn it.
 */
const convolution =
  (name: string): Correction =>
  (binding, tensors, attributes, [input = -1, ...others]) => {
    const [examples, ...rest] = tensors.shape(input);
    if (examples !== 0) return undefined;
    const zeros = new Float32Array(sizeOf(rest));
    const example = binding.createTensor([1, ...rest], dataTypes.TF_FLOAT, zeros);
    try {
      const outputs = binding.executeOp(name, attributes, [example, ...others], 1);
      return outputs.map(({ id, shape, dtype }) => {
        binding.deleteTensor(id);
        const empty = [0, ...shape.slice(1)];
        return { id: binding.createTensor(empty, dtype, new Float32Array(0)), shape: empty, dtype };
      });
    } finally {
      binding.deleteTensor(example);
    }
  };

/**
 * TensorFlow's `Multinomial` takes an integer for a seed, where that of TensorFlow.js may be a fraction, and draws
 * other numbers in the next call with the same seed.
 */
const multinomial: Correction = (binding, _tensors, attributes, inputs) => {
  const seed = Number(attributes.find(({ name }) => name === 'seed')?.value);
  const bits = new Int32Array(Float64Array.of(seed).buffer);
  const seedTensor = binding.createTensor([2], dataTypes.TF_INT32, bits);
  try {
    const { TF_ATTR_TYPE: type } = attributeTypes;
    return binding.executeOp(
      'StatelessMultinomial',
      [
        ...attributes.filter(({ name }) => name !== 'seed' && name !== 'seed2'),
        { name: 'Tseed', type, value: dataTypes.TF_INT32 },
      ],
      [...inputs, seedTensor],
      1,
    );
  } finally {
    binding.deleteTensor(seedTensor);
  }
};

/**
 * TensorFlow 2.21 ignores a label of the output that no input has, or ends the process, depending on the other
 * labels.
 */
const einsum: Correction = (_binding, _tensors, attributes) => {
  const equation = String(attributes.find(({ name }) => name === 'equation')?.value);
  const [inputs = '', output = ''] = equation.split('->');
  const unknown = output.match(/[^.,\s]/g)?.find((label) => !inputs.includes(label));
  if (unknown === undefined) return undefined;
  throw new TensorArgumentError({
    subject: `Einsum "${equation}"`,
    expected: 'an output whose labels occur in the inputs',
    actual: `"${unknown}"`,
    fix: 'Remove the label from the output, or add it to an input.',
  });
};

/** Corrections of results that are wrong to users of TensorFlow.js, by the operation that tfjs-node executes. */
export const corrections: ReadonlyMap<string, Correction> = new Map([
  ['Conv2D', convolution('Conv2D')],
  ['Conv3D', convolution('Conv3D')],
  ['Einsum', einsum],
  ['DepthwiseConv2dNative', convolution('DepthwiseConv2dNative')],
  ['Multinomial', multinomial],
  ['Round', round],
]);
