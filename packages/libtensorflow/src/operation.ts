import type { Pointer } from './c-api';
import { type DType, dtypeOf } from './dtypes';
import type { Handle } from './handles/handle';
import type { Runtime } from './runtime';

/** What a graph knows of an output before it runs. */
export interface OutputInfo {
  /** Undefined for a dtype that this package does not know. */
  readonly dtype: DType | undefined;
  /** The length along each axis, -1 where it is open; undefined when not even the rank is known. */
  readonly shape: readonly number[] | undefined;
}

/** A node of a graph. It is readable as long as its graph is open. */
export class Operation {
  readonly name: string;
  /** The operation's type, such as `MatMul`. */
  readonly type: string;
  /** The device that it is bound to; empty when TensorFlow may choose. */
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

  /** @throws ClosedHandleError when the graph is closed. */
  get inputCount(): number {
    this.graph.pointer;
    return this.runtime.c.TF_OperationNumInputs(this.pointer);
  }

  /** @throws ClosedHandleError when the graph is closed. */
  get outputCount(): number {
    this.graph.pointer;
    return this.runtime.c.TF_OperationNumOutputs(this.pointer);
  }

  /** @throws ClosedHandleError when the graph is closed. */
  get outputs(): OutputInfo[] {
    return Array.from({ length: this.outputCount }, (_, index) => this.#output(index));
  }

  #output(index: number): OutputInfo {
    const { c, status } = this.runtime;
    const output = { oper: this.pointer, index };
    const subject = `Output ${this.name}:${index}`;
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
