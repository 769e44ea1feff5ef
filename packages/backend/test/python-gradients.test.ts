import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../src';
import { findAddon } from '../src/tfjs-node/find-addon';
import { gradientCases } from './support/gradient-cases';
import { values } from './support/values';
import { distance } from './support/wasm';

interface Result {
  readonly y: number[];
  readonly gradients: number[][];
}

const names = Object.keys(gradientCases);

const seedOf = (name: string) => [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);

const inputsOf = (name: string) =>
  (gradientCases[name]?.shapes ?? []).map((shape, index) => values(seedOf(name) + index, shape));

const differentiated = (name: string) =>
  gradientCases[name]?.differentiate ?? gradientCases[name]?.shapes.length ?? 0;

/** Value and gradients of a case; the gradient that arrives at its result is made from a seed too. */
const runCase = (name: string): Result & { readonly shape: number[] } =>
  tf.tidy(() => {
    const run = gradientCases[name]?.run ?? tf.clone;
    const x = inputsOf(name);
    const y = run(...x);
    const [wanted, rest] = [x.slice(0, differentiated(name)), x.slice(differentiated(name))];
    const partly = (...some: tf.Tensor[]) => run(...some, ...rest);
    const gradients = tf.grads(partly)(wanted, values(seedOf(name) + 9, y.shape));
    return {
      y: [...y.dataSync()],
      shape: y.shape,
      gradients: gradients.map((gradient) => [...gradient.dataSync()]),
    };
  });

const source = `
import json, sys
import tensorflow as tf

def recurrent(kind, x, **options):
    layer = getattr(tf.keras.layers, kind)(4, return_sequences=True, **options)
    layer.build(x[0].shape)
    layer.set_weights([w.numpy() for w in x[1:]])
    return layer(x[0])

results = {}
for name, case in json.load(sys.stdin).items():
    x = [tf.constant(values, tf.float32, shape) for values, shape in zip(case['values'], case['shapes'])]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = eval(case['python'])
    dy = tf.constant(case['dy'], tf.float32, y.shape)
    gradients = tape.gradient(y, x[:case['differentiate']], dy)
    flat = lambda t: tf.reshape(t, [-1]).numpy().tolist()
    results[name] = {'y': flat(y), 'gradients': [flat(tf.convert_to_tensor(g)) for g in gradients]}
print(json.dumps(results))
`;

const askPython = (python: string, shapes: Readonly<Record<string, number[]>>) => {
  const questions = names.map((name) => {
    const inputs = inputsOf(name);
    const dy = values(seedOf(name) + 9, shapes[name] ?? []);
    const question = {
      python: gradientCases[name]?.python,
      shapes: gradientCases[name]?.shapes,
      differentiate: differentiated(name),
      values: inputs.map((x) => [...x.dataSync()]),
      dy: [...dy.dataSync()],
    };
    tf.dispose([...inputs, dy]);
    return [name, question];
  });
  const stdin = JSON.stringify(Object.fromEntries(questions));
  return runPython<Record<string, Result>>(python, source, [], stdin);
};

const require = createRequire(import.meta.url);
const addon = findAddon(require.resolve('@tensorflow/tfjs-node/package.json'));
const backends = existsSync(addon.path) ? (['tfjs-node', 'wasm'] as const) : (['wasm'] as const);
const { python, reason } = await pythonOracle();

describe.skipIf(python === undefined)(
  `gradients against Python TensorFlow${reason ? ` (${reason})` : ''}`,
  async () => {
    if (python === undefined) return;
    await useBackend({ backend: 'wasm' });
    const shapes = Object.fromEntries(names.map((name) => [name, runCase(name).shape]));
    const expected = askPython(python, shapes);

    describe.each(backends)('on %s', (backend) => {
      // tfjs-node refuses explicit padding.
      const able = names.filter((name) => backend === 'wasm' || !name.includes('explicit padding'));
      it.each(able)('%s', async (name) => {
        await useBackend({ backend });
        const { y, gradients } = runCase(name);
        expect(distance(y, expected[name]?.y ?? [])).toBeLessThan(2e-5);
        expect(gradients.length).toBe(expected[name]?.gradients.length);
        gradients.forEach((gradient, index) => {
          expect(distance(gradient, expected[name]?.gradients[index] ?? [])).toBeLessThan(1e-4);
        });
      });
    });
  },
);
