// Stores checkpoints in a custom backend: gzip-backend.ts, a screenful of code.
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Elistimator } from 'elistimator';
import { gzipBackend } from './gzip-backend';
import { lineInputFn, lineModelFn } from './line-model';

const modelDir = mkdtempSync(join(tmpdir(), 'custom-backend-'));
const checkpointBackend = gzipBackend(join(modelDir, 'gzipped'));
const options = { modelFn: lineModelFn, modelDir, checkpointBackend };

const estimator = new Elistimator(options);
await estimator.setup({ trainInputFn: lineInputFn, validationInputFn: lineInputFn });
await estimator.train().validate();
await estimator.saveCkpt();
console.log('Files:', readdirSync(join(modelDir, 'gzipped')));
await estimator.close();

const again = await Elistimator.fromDisk(options);
console.log(`Started again at step ${again.globalStep}:`, await again.predict({ x: [[0], [1]] }));
await again.close();
