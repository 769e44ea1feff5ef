// The second process of recovery.test.ts: starts again from a directory and prints its results as JSON.
import { Elistimator } from '../src';
import { stripesModelFn, testStripes, trainInputFn, validationInputFn } from './digits';

const [modelDir = '', seed = '3'] = process.argv.slice(2);
const estimator = await Elistimator.fromDisk({
  modelFn: stripesModelFn,
  modelDir,
  sessionArgs: { backend: 'wasm', seed: Number(seed) },
  progress: false,
});
const image = { data: testStripes.images.data.subarray(0, 16), shape: [1, 16] };
const prediction = await estimator.predict({ images: image });
const evaluation = await estimator.evaluate({ inputFn: validationInputFn });
await estimator.setup({ trainInputFn, validationInputFn });
const next = await estimator.train().validate();
console.log(JSON.stringify({ prediction, evaluation, next, globalStep: estimator.globalStep }));
await estimator.close();
