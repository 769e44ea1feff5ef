import * as tf from '@tensorflow/tfjs';
import { type Batch, checkBatch, type InputSignature, inputTensors } from '../dataset';
import type { FeatureTensors, RunnableModel } from '../model/runnable-model';
import type { InputSource } from './input-source';
import type { PredictOptions } from './options';
import { readPrediction } from './predictions';

/** What predictions are made with. */
export interface PredictContext {
  readonly model: RunnableModel;
  readonly signature: InputSignature;
  readonly globalStep: number;
}

const predictBatch = (
  { model, signature, globalStep }: PredictContext,
  features: FeatureTensors,
  { as = 'array', isTraining = false }: PredictOptions,
  index: number,
): Promise<Record<string, unknown>> => {
  const outputs = model.predict({
    features,
    signature: Object.keys(signature),
    seed: ['predict', globalStep, index],
    isTraining,
  });
  return readPrediction(outputs, as);
};

/**
 * Predicts from features by name, or in the order of the signature.
 *
 * @throws UnknownFeatureError or DatasetError that names a feature which does not fit the signature
 */
export const predictFeatures = async (
  context: PredictContext,
  features: Readonly<Record<string, unknown>> | readonly unknown[],
  options: PredictOptions,
): Promise<Record<string, unknown>> => {
  const { tensors, made } = inputTensors(features, context.signature);
  try {
    return await predictBatch(context, tensors, options, 0);
  } finally {
    tf.dispose([...made]);
  }
};

const only = (signature: InputSignature, names: readonly string[]): InputSignature =>
  Object.fromEntries(Object.entries(signature).filter(([name]) => names.includes(name)));

/**
 * Predicts batch by batch. Batches may lack features, as labels; those they have must fit.
 *
 * @param open gives the input; called in the first batch's turn
 * @param inTurn reads and predicts one batch when nothing else runs
 */
export async function* predictBatches(
  open: () => InputSource,
  options: PredictOptions,
  inTurn: <T>(task: (context: PredictContext) => Promise<T>) => Promise<T>,
): AsyncGenerator<Record<string, unknown>, void, undefined> {
  let input: InputSource | undefined;
  let batches: AsyncGenerator<Batch, void, undefined> | undefined;
  const next = (index: number) =>
    inTurn(async (context) => {
      input ??= open();
      batches ??= input.batches(0);
      const { done, value: batch } = await batches.next();
      if (done) return undefined;
      try {
        checkBatch(batch, only(context.signature, batch.keys), input.name);
        return await predictBatch(context, batch.tensors, options, index);
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
    await batches?.return();
  }
}
