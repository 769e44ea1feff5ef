import * as tf from '@tensorflow/tfjs';
import type { FeatureTensors } from './runnable-model';

/** The least and the greatest value of each numeric feature. */
export type FeatureRanges = Readonly<Record<string, readonly [low: number, high: number]>>;

/** Reads back what a batch's values lie between; features that are no finite numbers are left out. */
export const featureRanges = (features: FeatureTensors): FeatureRanges =>
  Object.fromEntries(
    Object.entries(features).flatMap(([name, tensor]) => {
      const isNumeric = tensor.dtype === 'int32' || tensor.dtype === 'float32';
      if (!isNumeric || tensor.size === 0) return [];
      const ends = tf.tidy(() => [tensor.min(), tensor.max()].map((end) => end.dataSync()[0]));
      const [low = Number.NaN, high = Number.NaN] = ends;
      return Number.isFinite(low) && Number.isFinite(high) ? [[name, [low, high]] as const] : [];
    }),
  );
