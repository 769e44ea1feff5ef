import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** What tfjs hands to a kernel. */
export interface KernelCall<Inputs, Attributes> {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly backend: BackendWasm;
}

/** A kernel of the wasm backend that this package adds, or puts in the place of a stock one. */
export interface TrainingKernel {
  readonly kernelName: string;
  /** Makes the kernel out of the stock one, which is undefined where wasm has none. */
  readonly create: (stock: KernelFunc | undefined) => KernelFunc;
}

type Kernel<Inputs, Attributes> = (call: KernelCall<Inputs, Attributes>) => TensorInfo;

/** Defines a kernel that wasm lacks. */
export const newKernel = <Inputs, Attributes>(
  kernelName: string,
  kernel: Kernel<Inputs, Attributes>,
): TrainingKernel => ({ kernelName, create: () => kernel as unknown as KernelFunc });

/** Defines a kernel that does some cases itself and leaves the rest to the stock one. */
export const improvedKernel = <Inputs, Attributes, StockInputs = Inputs>(
  kernelName: string,
  improve: (stock: Kernel<StockInputs, Attributes>) => Kernel<Inputs, Attributes>,
): TrainingKernel => ({
  kernelName,
  create: (stock) =>
    improve(stock as unknown as Kernel<StockInputs, Attributes>) as unknown as KernelFunc,
});
