import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { doctor } from '../src/doctor/doctor';

const require = createRequire(import.meta.url);

it('probes every backend of this machine in a separate process', {
  timeout: 300_000,
}, async () => {
  const subjects: string[] = [];
  const { backends, ...report } = await doctor({ onProgress: (subject) => subjects.push(subject) });
  expect(subjects).toEqual(['libtensorflow', ...backends.map(({ name }) => `backend ${name}`)]);
  expect(report.trains).toBe(true);
  for (const name of ['wasm', 'cpu']) {
    const backend = backends.find((diagnosis) => diagnosis.name === name);
    expect(backend).toMatchObject({ starts: true, trains: true, gpu: false, missingKernels: [] });
    expect(backend?.probes.map(({ model }) => model)).toEqual(['mlp', 'cnn']);
    for (const { losses } of backend?.probes ?? []) expect(losses[1]).toBeLessThan(losses[0]);
  }
  for (const { trains, problem } of backends) expect(problem === undefined).toBe(trains);
  expect(report.tfjs.packages).toContainEqual({
    name: '@tensorflow/tfjs',
    version: require('@tensorflow/tfjs/package.json').version,
    directory: expect.any(String),
  });
  expect(report.tfjs.duplicates).toEqual([]);
  if (report.libtensorflow.found !== undefined) {
    expect(report.libtensorflow.devices.map(({ type }) => type)).toContain('CPU');
  }
});
