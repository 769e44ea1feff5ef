import { arrayCases } from './array-cases';
import { elementwiseCases } from './elementwise-cases';
import { imageCases } from './image-cases';
import type { KernelCase } from './kernel-case';
import { otherCases } from './other-cases';
import { reductionCases } from './reduction-cases';

/** Calls of every kernel, for any dtype of its data. */
export const kernelCases: readonly KernelCase[] = [
  ...elementwiseCases,
  ...arrayCases,
  ...reductionCases,
  ...imageCases,
  ...otherCases,
];
