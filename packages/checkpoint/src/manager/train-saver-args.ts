import { InvalidCheckpointOptionError } from '../errors';
import { assertKeepOptions, type CheckpointConfiguration } from './manager-options';

/** The arguments of TF1's `tf.train.Saver` that apply here, by their camel-case names. */
export type TrainSaverArgs = Pick<
  CheckpointConfiguration,
  | 'maxToKeep'
  | 'keepCheckpointEveryNHours'
  | 'padStepNumber'
  | 'varList'
  | 'saveRelativePaths'
  | 'filename'
>;

const known: readonly (keyof TrainSaverArgs)[] = [
  'maxToKeep',
  'keepCheckpointEveryNHours',
  'padStepNumber',
  'varList',
  'saveRelativePaths',
  'filename',
];

/**
 * Turns the arguments of TF1's Saver into the manager's options.
 *
 * @throws InvalidCheckpointOptionError for an argument that is unknown or out of range
 */
export const fromTrainSaverArgs = (args: TrainSaverArgs): TrainSaverArgs => {
  for (const key of Object.keys(args)) {
    if (!known.some((name) => name === key)) {
      throw new InvalidCheckpointOptionError('trainSaverArgs', known.join(', '), key, 'Remove it.');
    }
  }
  assertKeepOptions(args);
  return { ...args };
};
