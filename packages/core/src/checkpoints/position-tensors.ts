import { int64Scalar, integerOf } from '../model/checkpoint-tensors';
import type { TrainingPosition } from '../model/model';
import type { CheckpointTensor } from '../ports';

/** The names of the training position's tensors. The global step has its name in TensorFlow 1. */
const names = {
  globalStep: 'global_step',
  round: 'elistimator/rounds',
  stepInRound: 'elistimator/step_in_round',
} as const satisfies Record<keyof TrainingPosition, string>;

const members = ['globalStep', 'round', 'stepInRound'] as const;

/** Whether a tensor of a checkpoint is part of the training position. */
export const isPositionTensor = ({ name }: CheckpointTensor): boolean =>
  members.some((member) => names[member] === name);

export const positionTensors = (position: TrainingPosition): readonly CheckpointTensor[] =>
  members.map((member) => int64Scalar(names[member], position[member]));

/** The training position in a checkpoint; members that it does not contain are missing. */
export const positionOf = (tensors: readonly CheckpointTensor[]): Partial<TrainingPosition> => {
  const position: Partial<Record<keyof TrainingPosition, number>> = {};
  for (const member of members) {
    const tensor = tensors.find(({ name }) => name === names[member]);
    if (tensor !== undefined) position[member] = integerOf(tensor);
  }
  return position;
};
