/** How a manager names its checkpoints. */
export interface CheckpointNaming {
  /** What stands before the step, as `model_iter`. */
  readonly filename: string;
  /** Whether steps are written with at least eight digits. */
  readonly padStepNumber: boolean;
}

/** The prefix of a step's checkpoint: `model_iter-3216`, or `model_iter-00003216`. As TF1 Saver's. */
export const prefixOf = (
  { filename, padStepNumber }: CheckpointNaming,
  globalStep: number,
): string => `${filename}-${padStepNumber ? String(globalStep).padStart(8, '0') : globalStep}`;

/** The step at a prefix's end; undefined when there is none. */
export const stepOf = (prefix: string): number | undefined => {
  const digits = /-(\d{1,16})$/.exec(prefix)?.[1];
  const step = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(step) ? step : undefined;
};

/** Whether a manager of this naming could have made the prefix, padded or not. */
export const isOwnPrefix = ({ filename }: CheckpointNaming, prefix: string): boolean => {
  const step = stepOf(prefix);
  if (step === undefined) return false;
  return [true, false].some(
    (padStepNumber) => prefixOf({ filename, padStepNumber }, step) === prefix,
  );
};
