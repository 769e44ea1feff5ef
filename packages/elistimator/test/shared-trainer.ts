// Another process of shared-directory.test.ts: continues the run of a directory for some rounds.
import { Elistimator } from '../src';
import { lineInputFn, lineOptions } from './shared-line';

const [modelDir = '', rounds = '2', maxToKeep = '5'] = process.argv.slice(2);
const estimator = await Elistimator.fromDisk(lineOptions(modelDir));
const trainSaverArgs = { maxToKeep: Number(maxToKeep) };
await estimator.setup({ trainInputFn: lineInputFn, trainSaverArgs });
for (let round = 0; round < Number(rounds); round++) await estimator.train().saveCkpt();
await estimator.close();
