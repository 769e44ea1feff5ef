/** How a manager names its checkpoints. */
export interface CheckpointNaming {
  /** The part before the step, such as `model_iter`. */
  readonly filename: string;
  /** Pads steps to at least eight digits. */
  readonly padStepNumber: boolean;
}

/** The prefix of a step's checkpoint, as TF1's Saver names it: `model_iter-3216` or `model_iter-00003216`. */
export const prefixOf = (
  { filename, padStepNumber }: CheckpointNaming,
  globalStep: number,
): string => `${filename}-${padStepNumber ? String(globalStep).padStart(8, '0') : globalStep}`;

/** The step at the end of a prefix, or undefined if the prefix does not end in a step. */
export const stepOf = (prefix: string): number | undefined => {
  const digits = /-(\d{1,16})$/.exec(prefix)?.[1];
  const step = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(step) ? step : undefined;
};

/** True if a manager with this naming could have created the prefix, padded or not. */
export const isOwnPrefix = ({ filename }: CheckpointNaming, prefix: string): boolean => {
  const step = stepOf(prefix);
  if (step === undefined) return false;
  return [true, false].some(
    (padStepNumber) => prefixOf({ filename, padStepNumber }, step) === prefix,
  );
};
