import * as tf from '@tensorflow/tfjs';

/** The inputs of a kernel as tfjs hands them over. */
export type KernelInputs =
  | Readonly<Record<string, tf.Tensor | readonly tf.Tensor[] | null | undefined>>
  | readonly tf.Tensor[];

/** An entry of the engine's stack of `tf.tidy`s and operations. */
export interface EngineScope {
  readonly id: number;
  readonly name: string;
}

/** What a tensor holds its values under. */
export type DataId = object;

/** The part of tfjs's engine that a trace watches. tfjs declares less of it. */
export interface Engine {
  runKernel(name: string, inputs: KernelInputs, attributes?: object): tf.Tensor | tf.Tensor[];
  makeTensor(
    values: tf.DataValues | readonly string[],
    shape: number[],
    dtype?: tf.DataType,
    backend?: unknown,
  ): tf.Tensor;
  makeVariable(
    initialValue: tf.Tensor,
    trainable?: boolean,
    name?: string,
    dtype?: tf.DataType,
  ): tf.Variable;
  readSync(dataId: DataId): tf.DataValues;
  read(dataId: DataId): Promise<tf.DataValues>;
  nextTensorId(): number;
  startScope(): void;
  /** Frees what was made since. */
  endScope(): void;
  readonly state: {
    readonly scopeStack: readonly EngineScope[];
    readonly gradientDepth: number;
    activeTape: readonly { readonly saved: readonly tf.Tensor[] }[] | null | undefined;
  };
}

export const currentEngine = (): Engine => tf.engine() as unknown as Engine;
