// Dilated convolution layers, compared with Keras.
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { layers } from '../src';
import { runner } from './model-function-runner';

const source = `
import json, sys
import numpy as np
import keras

def run(case):
    x = np.array(case['x'], 'float32').reshape(case['shape'])
    if case['first']: x = x.transpose(0, 2, 3, 1)
    kinds = {'conv2d': lambda **o: keras.layers.Conv2D(2, **o), 'depthwiseConv2d': keras.layers.DepthwiseConv2D}
    layer = kinds[case['layer']](kernel_size=3, dilation_rate=2, padding=case['padding'], activation='tanh')
    layer.build(x.shape)
    layer.set_weights([np.array(w, 'float32').reshape(v.shape) for w, v in zip(case['weights'], layer.weights)])
    y = layer(x).numpy()
    if case['first']: y = y.transpose(0, 3, 1, 2)
    return {'shape': y.shape, 'values': y.ravel().tolist()}

print(json.dumps([run(case) for case in json.load(sys.stdin)]))
`;

const { python, reason } = await pythonOracle();

const cases = (['conv2d', 'depthwiseConv2d'] as const).flatMap((layer) =>
  (['channelsLast', 'channelsFirst'] as const).flatMap((dataFormat) =>
    (['same', 'valid'] as const).map((padding) => ({ layer, dataFormat, padding })),
  ),
);

type Case = (typeof cases)[number];

/** Runs a layer with weights that are not zero. */
const apply = ({ layer, dataFormat, padding }: Case) => {
  const shape = dataFormat === 'channelsFirst' ? [2, 3, 7, 6] : [2, 7, 6, 3];
  const x = tf.sin(tf.range(0, 2 * 7 * 6 * 3)).reshape(shape);
  const { run, store } = runner();
  const options = {
    kernelSize: 3,
    dilationRate: 2,
    padding,
    dataFormat,
    activation: 'tanh',
  } as const;
  const model = () =>
    layer === 'conv2d'
      ? layers.conv2d(x, { ...options, filters: 2 })
      : layers.depthwiseConv2d(x, options);
  run(model);
  const weights = store.all().map(({ variable }) => {
    variable.assign(tf.cos(tf.range(0, variable.size)).reshape(variable.shape));
    return [...variable.dataSync()];
  });
  const first = dataFormat === 'channelsFirst';
  return { x: [...x.dataSync()], shape, first, layer, padding, weights, output: run(model) };
};

describe.skipIf(python === undefined)(`dilated layers${reason ? ` (${reason})` : ''}`, () => {
  let expected: readonly { readonly shape: number[]; readonly values: number[] }[] = [];

  beforeAll(() => {
    const stdin = JSON.stringify(cases.map(apply).map(({ output: _, ...rest }) => rest));
    expected = runPython(python ?? '', source, [], stdin);
  });

  it.each(cases.map((one, index) => ({ ...one, index })))(
    'as in Keras: $layer, $dataFormat, $padding',
    ({ index, ...one }) => {
      const { output } = apply(one);
      expect(output.shape).toEqual(expected[index]?.shape);
      output.dataSync().forEach((value, at) => {
        expect(value).toBeCloseTo(expected[index]?.values[at] ?? Number.NaN, 5);
      });
    },
  );
});
