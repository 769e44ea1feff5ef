import { type DType, dtypeOf } from '@elistimator/protos';
import type { Handle, Pointer, Runtime } from '../c-api';
import { OperationNotFoundError } from '../errors';

/** The dtype and shape of an output, as far as they are known before the graph runs. */
export interface OutputInfo {
  /** Undefined for a dtype that this package doesn't support. */
  readonly dtype: DType | undefined;
  /** The length of each axis, with -1 for an unknown length; undefined if the rank is unknown. */
  readonly shape: readonly number[] | undefined;
}

/** An operation of a graph. Its inputs and outputs can be read while the graph is open. */
export class TfOperation {
  readonly name: string;
  /** The operation's type, such as `MatMul`. */
  readonly type: string;
  /** The device it is assigned to; empty if TensorFlow chooses one. */
  readonly device: string;

  constructor(
    readonly runtime: Runtime,
    readonly graph: Handle,
    readonly pointer: Pointer,
  ) {
    this.name = runtime.c.TF_OperationName(pointer);
    this.type = runtime.c.TF_OperationOpType(pointer);
    this.device = runtime.c.TF_OperationDevice(pointer);
  }

  /** @throws ClosedHandleError if the graph is closed */
  get inputCount(): number {
    this.graph.assertOpen();
    return this.runtime.c.TF_OperationNumInputs(this.pointer);
  }

  /** @throws ClosedHandleError if the graph is closed */
  get outputCount(): number {
    this.graph.assertOpen();
    return this.runtime.c.TF_OperationNumOutputs(this.pointer);
  }

  /** @throws ClosedHandleError if the graph is closed */
  get outputs(): OutputInfo[] {
    return Array.from({ length: this.outputCount }, (_, index) => this.#output(index));
  }

  #output(index: number): OutputInfo {
    const { c, status } = this.runtime;
    const output = { oper: this.pointer, index };
    const subject = `Reading output ${this.name}:${index}`;
    const dtype = dtypeOf(c.TF_OperationOutputType(output));
    const rank = c.TF_GraphGetTensorNumDims(this.graph.pointer, output, status.pointer);
    status.check(subject);
    if (rank < 0) return { dtype, shape: undefined };
    const dims = new BigInt64Array(rank);
    c.TF_GraphGetTensorShape(this.graph.pointer, output, dims, rank, status.pointer);
    status.check(subject);
    return { dtype, shape: Array.from(dims, Number) };
  }
}

/** An output under TensorFlow's name for it: `dense/MatMul`, or `split:1`. */
export interface OutputName {
  readonly operation: string;
  readonly index: number;
}

/**
 * @param name the operation's name, optionally with a colon and the output's index, which is 0 by default
 * @throws OperationNotFoundError if the part after the colon is not an index
 */
export const parseOutputName = (name: string): OutputName => {
  const colon = name.lastIndexOf(':');
  if (colon < 0) return { operation: name, index: 0 };
  const digits = name.slice(colon + 1);
  if (!/^\d{1,9}$/.test(digits)) {
    throw new OperationNotFoundError(
      {
        subject: `Output "${name}"`,
        expected: 'the index of an output after the colon',
        actual: `"${digits}"`,
        fix: 'Write a name such as "split:1", or omit the colon for the first output.',
      },
      name,
    );
  }
  return { operation: name.slice(0, colon), index: Number(digits) };
};
