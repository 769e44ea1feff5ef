// A model starts from checkpoints of other dtypes, which Python TensorFlow wrote.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import { afterAll, describe, expect, it } from 'vitest';
import { Elistimator } from '../src';
import { stripesModelFn, trainInputFn } from './digits';

const oracle = await pythonOracle();
const title = `warmStart()${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;

/** Saves random values of the given shapes, and prints them as float32. */
const save = `
import json, sys
import tensorflow as tf
prefix, dtype, shapes = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
names = sorted(shapes)
values = [tf.cast(tf.random.stateless_normal(shapes[name], [1, i]), dtype) for i, name in enumerate(names)]
tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=[''] * len(names), tensors=values)
print(json.dumps({n: tf.cast(v, 'float32').numpy().ravel().tolist() for n, v in zip(names, values)}))
`;

describe.skipIf(oracle.python === undefined)(title, () => {
  const root = mkdtempSync(join(tmpdir(), 'warm-start-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it.each(['bfloat16', 'float16', 'float64'])(
    'casts %s on request, and reports it',
    async (dtype) => {
      const estimator = new Elistimator({
        modelFn: stripesModelFn,
        modelDir: join(root, dtype),
        params: { units: 4 },
        sessionArgs: { backend: 'cpu', seed: 1 },
        progress: false,
      });
      await estimator.setup({ trainInputFn });
      const { variables } = estimator.session;
      const shapes = Object.fromEntries(
        estimator.graph.variables.map(({ name, shape }) => [name, shape]),
      );
      const prefix = join(root, `${dtype}-weights`);
      const args = [prefix, dtype, JSON.stringify(shapes)];
      const saved = runPython<Record<string, number[]>>(oracle.python ?? '', save, args);
      const values = () =>
        Object.fromEntries(
          Object.keys(shapes).map((name) => [name, [...(variables.get(name)?.dataSync() ?? [])]]),
        );

      const before = values();
      const refused = await estimator.warmStart(prefix);
      expect(refused.matched).toEqual([]);
      expect(values()).toEqual(before);

      const { matched, mismatched } = await estimator.warmStart(prefix, { cast: true });
      expect(mismatched).toEqual([]);
      expect(matched.length).toBe(Object.keys(shapes).length);
      for (const { cast } of matched) expect(cast).toEqual({ from: dtype, to: 'float32' });
      expect(values()).toEqual(saved);
      await estimator.close();
    },
  );
});
