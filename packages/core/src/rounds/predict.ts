import * as tf from '@tensorflow/tfjs';
import { type Batch, batchOfFeatures, type InputSignature, type InputSource } from '../dataset';
import type { FeatureTensors, Model, StepInputs } from '../model/model';
import { type ModelProgram, signatureNameOf } from '../model/model-program';
import { type PredictionForm, readPrediction } from './predictions';

/** How predictions are made, and in which form they are returned. */
export interface PredictOptions<Form extends PredictionForm = PredictionForm> {
  /** Default: nested arrays. */
  readonly as?: Form | undefined;
  /** The `isTraining` of the model function. Default: false. */
  readonly isTraining?: boolean | undefined;
}

/** A model that is ready to predict. */
export interface PredictContext {
  readonly model: Model;
  /** The model's graph, in which a prediction may omit features that its outputs do not need. */
  readonly program: () => ModelProgram;
  readonly signature: InputSignature;
  readonly globalStep: number;
}

/** Calls of the model function read every feature, so partial features need the graph. */
const runModel = (
  { model, program, signature }: PredictContext,
  inputs: StepInputs,
): Record<string, tf.Tensor> => {
  const isPartial = Object.keys(signature).some((name) => !Object.hasOwn(inputs.features, name));
  const name = signatureNameOf('predict', inputs.isTraining);
  if (!isPartial || !program().hasSignature(name)) return model.predict(inputs);
  const { outputs, updates } = program().run(name, inputs);
  tf.dispose(updates);
  return { ...outputs };
};

const predictOne = (
  context: PredictContext,
  features: FeatureTensors,
  { as = 'array', isTraining = false }: PredictOptions,
  index: number,
): Promise<Record<string, unknown>> => {
  const outputs = runModel(context, {
    features,
    featureNames: Object.keys(context.signature),
    seedPath: ['predict', context.globalStep, index],
    isTraining,
  });
  return readPrediction(outputs, as);
};

/**
 * Predicts from features by name, or in the order of the signature.
 *
 * @throws UnknownFeatureError or DatasetError naming a feature that does not fit the signature
 */
export const predictFeatures = async (
  context: PredictContext,
  features: Readonly<Record<string, unknown>> | readonly unknown[],
  options: PredictOptions,
): Promise<Record<string, unknown>> => {
  const batch = batchOfFeatures(features, context.signature);
  try {
    return await predictOne(context, batch.tensors(), options, 0);
  } finally {
    batch.dispose();
  }
};

/**
 * Predicts batch by batch.
 *
 * @param open creates the input; called in the turn of the first batch
 * @param inTurn runs a task, which reads and predicts one batch, when nothing else runs
 */
export async function* predictBatches(
  open: (signature: InputSignature) => InputSource,
  options: PredictOptions,
  inTurn: <T>(task: (context: PredictContext) => Promise<T>) => Promise<T>,
): AsyncGenerator<Record<string, unknown>, void, undefined> {
  let batches: AsyncIterator<Batch, undefined> | undefined;
  const next = (index: number) =>
    inTurn(async (context) => {
      batches ??= open(context.signature).batches({ epoch: 0 });
      const { done, value: batch } = await batches.next();
      if (done) return undefined;
      try {
        return await predictOne(context, batch.tensors(), options, index);
      } finally {
        batch.dispose();
      }
    });
  try {
    for (let index = 0; ; index++) {
      const prediction = await next(index);
      if (prediction === undefined) return;
      yield prediction;
    }
  } finally {
    await batches?.return?.();
  }
}
