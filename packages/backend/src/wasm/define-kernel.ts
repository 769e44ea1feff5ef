import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

export interface KernelCall<Inputs, Attributes> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: BackendWasm;
}

/** A kernel that this package adds to the wasm backend, or that replaces a stock one. */
export interface TrainingKernel {
  readonly kernelName: string;
  /** Creates the kernel from the stock one, which is undefined if wasm has none. */
  readonly create: (stock: KernelFunc | undefined) => KernelFunc;
}

type Kernel<Inputs, Attributes, Results extends TensorInfo | TensorInfo[] = TensorInfo> = (
  call: KernelCall<Inputs, Attributes>,
) => Results;

/** Defines a kernel that doesn't use the stock one. */
export const newKernel = <Inputs, Attributes>(
  kernelName: string,
  kernel: Kernel<Inputs, Attributes, TensorInfo | TensorInfo[]>,
): TrainingKernel => ({ kernelName, create: () => kernel as unknown as KernelFunc });

/** Defines a kernel that delegates some cases to the stock one. */
export const improvedKernel = <Inputs, Attributes, StockInputs = Inputs>(
  kernelName: string,
  improve: (
    stock: Kernel<StockInputs, Attributes>,
  ) => Kernel<Inputs, Attributes, TensorInfo | TensorInfo[]>,
): TrainingKernel => ({
  kernelName,
  create: (stock) =>
    improve(stock as unknown as Kernel<StockInputs, Attributes>) as unknown as KernelFunc,
});
