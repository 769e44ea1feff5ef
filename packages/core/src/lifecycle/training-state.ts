import type { ValidationRecord } from '../checkpoints/contents';
import type { TrainingPosition } from '../model/model';
import { jsonOrUndefined, type StoredRun } from './stored-run';

/** What an estimator knows of its training, apart from the model. */
export interface TrainingState<SaverArgs = unknown> {
  /** Determines all random numbers. */
  readonly seed: number;
  /** The model function's parameters. */
  readonly params: unknown;
  position: TrainingPosition;
  /** Steps of the last complete round of training, for the progress bar of the next one. */
  trainSize?: number | undefined;
  /** Batches of the last round of validation. */
  validationSize?: number | undefined;
  /** The last validation, until the model changes. */
  validated?: ValidationRecord | undefined;
  /** Names for the members of tuples. */
  dataKeys?: readonly string[] | undefined;
  /** Which checkpoints to keep. */
  saverArgs?: SaverArgs | undefined;
}

export const startPosition: TrainingPosition = { globalStep: 0, round: 0, stepInRound: 0 };

/** The parts of a training state that a directory stores once, rather than per checkpoint. */
export const storedPart = ({
  position,
  seed,
  params,
  trainSize,
  validationSize,
  dataKeys,
  saverArgs,
}: TrainingState): Omit<StoredRun, 'version' | 'inputSignature' | 'examples'> => {
  const plainParams = jsonOrUndefined(params);
  return {
    rounds: position.round,
    seed,
    trainSize,
    validationSize,
    dataKeys,
    saverArgs: jsonOrUndefined(saverArgs),
    params: plainParams,
    paramsAreLost: plainParams === undefined,
  };
};
