// The second process of no-code.test.ts: it has the directory and the data, but no model function.
import { Elistimator, readScalars } from '../src';
import { testStripes, trainInputFn, validationInputFn } from './digits';

const [, , modelDir = '', backend = 'wasm'] = process.argv;
const estimator = await Elistimator.fromDisk({
  modelDir,
  sessionArgs: { backend: backend as 'wasm' },
  progress: false,
});
const images = { data: testStripes.images.data.subarray(0, 16), shape: [1, 16] };
const prediction = await estimator.predict({ images });
const evaluation = await estimator.evaluate({ inputFn: validationInputFn });
const softmax = await estimator.session.run('softmax', { images });
const probabilities = softmax.arraySync();
softmax.dispose();
const operations = estimator.graph.operations.map(({ name }) => name);
await estimator.setup({ trainInputFn, validationInputFn });
await estimator.train({ maxSteps: 10 });
const losses = (await readScalars(estimator.trainLogs)).get('loss')?.map(({ value }) => value);
const next = await estimator.validate();
const { globalStep } = estimator;
await estimator.close();
process.stdout.write(
  JSON.stringify({
    prediction,
    evaluation,
    probabilities,
    operations,
    losses: losses?.slice(-10),
    next,
    globalStep,
  }),
);
