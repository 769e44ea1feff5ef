// Uses only the TensorBoard writer: logs a random walk as scalars, a histogram and text.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readScalars, SummaryWriter } from 'tfjs-tensorboard-writer';

const logDir = mkdtempSync(join(tmpdir(), 'walk-'));
const writer = new SummaryWriter(logDir);
writer.text('about', 'A **random walk** of 100 steps.', 0);

let position = 0;
const steps = new Float32Array(100);
for (let step = 0; step < steps.length; step++) {
  steps[step] = Math.random() - 0.5;
  position += steps[step] ?? 0;
  writer.scalar('walk/position', position, step);
}
writer.histogram('walk/steps', steps, steps.length);
await writer.close();

const scalars = await readScalars(logDir);
console.log(`Read back ${scalars.get('walk/position')?.length} positions`);
console.log(`Look at it: tensorboard --logdir ${logDir}`);
