import { checkedFunction, kinds, required } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { Distribution, DistributionParameters } from '../ir/types';
import {
  cellPrototype,
  type LayerCall,
  type NoiseLayer,
  noiseLayerPrototype,
  type RecurrentCell,
} from '../tfjs-internals';
import { randomTensor } from './random-tensor';

/*
 * The layers of tfjs-layers that draw random numbers use a generator in JavaScript, which a graph can't
 * repeat and which can't be seeded for each step. Their classes are patched once, so that they draw from
 * the current source instead. Without one they run as tfjs wrote them.
 */

/** Draws a float32 tensor for a layer of tfjs-layers. */
export type RandomSource = (
  distribution: Distribution,
  shape: readonly number[],
  parameters?: DistributionParameters,
) => tf.Tensor;

/** Layers draw under indices from here on, apart from those that model code passes to randomTensor(). */
export const FIRST_LAYER_INDEX = 1 << 24;

/**
 * A source for one call of a model: its n-th draw is `randomTensor` under the seed and the index
 * `FIRST_LAYER_INDEX + n`. `trace` records the same indices, so that the model's graph draws the same
 * under the same seed.
 *
 * @param seed a safe integer
 */
export const seededRandomSource = checkedFunction(
  'seededRandomSource()',
  { seed: required(kinds.number) },
  (seed: number): RandomSource => {
    let index = FIRST_LAYER_INDEX;
    return (distribution, shape, parameters = {}) =>
      randomTensor({ distribution, shape, parameters, seed, index: index++ });
  },
);

type Masks = Pick<RecurrentCell, 'dropoutMask' | 'recurrentDropoutMask'>;

interface Scope {
  readonly draw: RandomSource;
  /** The masks that cells had before the scope. */
  readonly masks: Map<RecurrentCell, Masks>;
}

let current: Scope | undefined;
let isPatched = false;

/**
 * Calls `fn`, in which the layers of tfjs-layers `dropout`, `spatialDropout1d`, `gaussianNoise`,
 * `gaussianDropout` and `alphaDropout` and the dropout of recurrent cells draw from `source`; a layer's
 * own `seed` does not count. Masks of recurrent cells that `fn` leaves are disposed. Calls may be nested;
 * the innermost source counts.
 *
 * @param source see {@link seededRandomSource}
 * @param fn synchronous
 * @returns the result of `fn`
 */
export const withRandomSource = checkedFunction(
  'withRandomSource()',
  { source: required(kinds.callback), fn: required(kinds.callback) },
  <T>(source: RandomSource, fn: () => T): T => {
    if (!isPatched) patchLayers();
    const outer = current;
    const scope: Scope = { draw: source, masks: new Map() };
    current = scope;
    try {
      return fn();
    } finally {
      current = outer;
      for (const [cell, before] of scope.masks) {
        tf.dispose([cell.dropoutMask ?? [], cell.recurrentDropoutMask ?? []]);
        Object.assign(cell, before);
      }
    }
  },
);

const dropout = (
  input: tf.Tensor,
  rate: number,
  shape: readonly number[],
  draw: RandomSource,
): tf.Tensor =>
  input.mul(
    draw('uniform', shape)
      .add(1 - rate)
      .floor()
      .div(1 - rate),
  );

/** SELU's saturation value, `-scale * alpha`. Source: Klambauer et al. 2017, section 3. */
const SELU_MINIMUM = -1.0507009873554805 * 1.6732632423543772;

type Noise = (layer: NoiseLayer, input: tf.Tensor, draw: RandomSource) => tf.Tensor;

/** A name for layers that are made for their class, since tfjs numbers layers without a name. */
const name = 'prototype';

/** A layer of each class, and what the class does in training. */
const noises: readonly (readonly [layer: () => tf.layers.Layer, noise: Noise])[] = [
  [
    () => tf.layers.dropout({ rate: 0.5, name }),
    (layer, input, draw) =>
      dropout(input, layer.rate, layer.getNoiseShape?.(input) ?? input.shape, draw),
  ],
  [
    () => tf.layers.gaussianNoise({ stddev: 1, name }),
    ({ stddev }, input, draw) => input.add(draw('normal', input.shape, { mean: 0, stddev })),
  ],
  [
    () => tf.layers.gaussianDropout({ rate: 0.5, name }),
    ({ rate }, input, draw) =>
      input.mul(draw('normal', input.shape, { mean: 1, stddev: Math.sqrt(rate / (1 - rate)) })),
  ],
  [
    () => tf.layers.alphaDropout({ rate: 0.5, name }),
    ({ rate, noiseShape }, input, draw) => {
      const kept = draw('uniform', noiseShape ?? input.shape)
        .greaterEqual(rate)
        .toFloat();
      const scale = ((1 - rate) * (1 + rate * SELU_MINIMUM ** 2)) ** -0.5;
      // In tfjs this term has the opposite sign of Keras'; the graph does what tfjs does.
      const noised = input.mul(kept).add(kept.sub(1).mul(SELU_MINIMUM));
      return noised.mul(scale).add(-scale * SELU_MINIMUM * rate);
    },
  ],
];

const cells: readonly (() => object)[] = [
  () => tf.layers.simpleRNNCell({ units: 1, name }),
  () => tf.layers.gruCell({ units: 1, name }),
  () => tf.layers.lstmCell({ units: 1, name }),
  () => tf.layers.convLstm2dCell({ filters: 1, kernelSize: 1, name }) as object,
];

/** Layers without noise pass their input through. */
const isWithoutNoise = ({ rate, stddev }: NoiseLayer): boolean =>
  rate === undefined ? stddev === 0 : rate <= 0 || rate >= 1;

/** Replaces a method for good, as the class defines it: not enumerable. */
const patchCall = <T extends { call: LayerCall }>(
  prototype: T,
  wrap: (
    original: LayerCall,
  ) => (this: T, ...args: Parameters<LayerCall>) => tf.Tensor | tf.Tensor[],
): void => {
  const value = wrap(prototype.call);
  Object.defineProperty(prototype, 'call', { value, configurable: true, writable: true });
};

const patchNoiseLayer = (prototype: NoiseLayer, noise: Noise): void =>
  patchCall(
    prototype,
    (original) =>
      function call(this: NoiseLayer, inputs, kwargs = {}) {
        const draw = current?.draw;
        if (draw === undefined || !kwargs.training || isWithoutNoise(this)) {
          return original.call(this, inputs, kwargs);
        }
        return tf.tidy(() => {
          this.invokeCallHook(inputs, kwargs);
          const [input] = Array.isArray(inputs) ? inputs : [inputs];
          return noise(this, input as tf.Tensor, draw);
        });
      },
  );

const patchCell = (prototype: RecurrentCell): void =>
  patchCall(
    prototype,
    (original) =>
      function call(this: RecurrentCell, inputs, kwargs) {
        if (current === undefined) return original.call(this, inputs, kwargs);
        const { draw, masks } = current;
        if (!masks.has(this)) {
          const { dropoutMask = null, recurrentDropoutMask = null } = this;
          masks.set(this, { dropoutMask, recurrentDropoutMask });
          this.dropoutMask = null;
          this.recurrentDropoutMask = null;
        }
        const { dropoutFunc } = this;
        this.dropoutFunc ??= (x, rate) => dropout(x, rate, x.shape, draw);
        try {
          return original.call(this, inputs, kwargs);
        } finally {
          this.dropoutFunc = dropoutFunc;
        }
      },
  );

const patchLayers = (): void => {
  for (const [makeLayer, noise] of noises) patchNoiseLayer(noiseLayerPrototype(makeLayer()), noise);
  for (const makeCell of cells) patchCell(cellPrototype(makeCell()));
  isPatched = true;
};
