import * as tf from '@tensorflow/tfjs';
import type { OutputMap } from '../specs';

/** The form of predictions: nested arrays, typed arrays with shapes, or tensors that the caller disposes. */
export type PredictionForm = 'array' | 'typed' | 'tensor';

/** A tensor's values in host memory. */
export interface TypedValues {
  /** Row-major values; an array of strings for string tensors. */
  readonly data: Float32Array | Int32Array | Uint8Array | string[];
  readonly shape: number[];
  readonly dtype: tf.DataType;
}

/** One output of a PredictSpec in the requested form. */
export type Predicted<T extends tf.Tensor, Form extends PredictionForm> = Form extends 'tensor'
  ? T
  : Form extends 'typed'
    ? TypedValues
    : Awaited<ReturnType<T['array']>>;

/** The outputs of a PredictSpec by name, in the requested form. */
export type Prediction<O extends OutputMap, Form extends PredictionForm = 'array'> = {
  readonly [Name in keyof O]: Predicted<O[Name], Form>;
};

const readTyped = async (tensor: tf.Tensor): Promise<TypedValues> => ({
  // A copy: on some backends the data is the memory of the tensor, or even of a variable.
  data: ((await tensor.data()) as TypedValues['data']).slice(),
  shape: [...tensor.shape],
  dtype: tensor.dtype,
});

/** Converts outputs to the requested form, and frees the tensors unless that form is tensors. */
export const readPrediction = async (
  outputs: Readonly<Record<string, tf.Tensor>>,
  form: PredictionForm,
): Promise<Record<string, unknown>> => {
  if (form === 'tensor') return outputs;
  const read = form === 'typed' ? readTyped : (tensor: tf.Tensor) => tensor.array();
  try {
    const entries = Object.entries(outputs).map(
      async ([name, tensor]) => [name, await read(tensor)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    tf.dispose(outputs);
  }
};
