// Stops when the validation loss has hardly improved for three rounds, and restores the best checkpoint.
import { Elistimator } from 'elistimator';
import { lineInputFn, lineModelFn } from './line-model';

const PATIENCE = 3;
const MIN_DELTA = 1e-5;
const estimator = new Elistimator({ modelFn: lineModelFn, sessionArgs: { seed: 1 } });
await estimator.setup({ trainInputFn: lineInputFn, validationInputFn: lineInputFn });

let best = Number.POSITIVE_INFINITY;
let round = 0;
for (let stale = 0; round < 50 && stale < PATIENCE; round++) {
  const { loss } = await estimator.train().validate();
  await estimator.saveCkpt();
  stale = loss < best - MIN_DELTA ? 0 : stale + 1;
  best = Math.min(best, loss);
}
await estimator.restoreBestCkpt();
console.log(
  `The best of ${round} rounds is of step ${estimator.globalStep} with a loss of ${best}`,
);
console.log('The line at 0 and 1:', await estimator.predict({ x: [[0], [1]] }));
await estimator.close();
