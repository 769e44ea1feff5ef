import * as tf from '@tensorflow/tfjs';
import type { Distribution, DistributionParameters } from '../graph/types';
import { randomTensor } from '../random';
import type { Recorder } from './recorder';
import { refuse } from './refusals';
import type { Replacements } from './replacements';

/*
 * tfjs-layers' layers that draw random numbers draw them in JavaScript. For the time of a trace their
 * classes draw by randomTensor() instead, so that the graph draws anew in each run.
 */

/** Their numbers are apart from those that the traced code itself gives to randomTensor(). */
const FIRST_INDEX = 1 << 24;

type Draw = (
  distribution: Distribution,
  shape: readonly number[],
  parameters?: DistributionParameters,
) => tf.Tensor;

interface CallArguments {
  readonly training?: boolean;
}

/** What the layers hold beside what tfjs declares. */
interface NoiseLayer {
  readonly rate: number;
  readonly stddev: number;
  readonly noiseShape?: readonly number[] | null;
  getNoiseShape?(input: tf.Tensor): number[] | null | undefined;
  invokeCallHook(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): void;
}

type Noise = (layer: NoiseLayer, input: tf.Tensor, draw: Draw) => tf.Tensor;

const dropout = (input: tf.Tensor, rate: number, shape: readonly number[], draw: Draw): tf.Tensor =>
  input.mul(
    draw('uniform', shape)
      .add(1 - rate)
      .floor()
      .div(1 - rate),
  );

/** SELU's saturation value, `-scale * alpha`. Source: Klambauer et al. 2017, section 3. */
const SELU_MINIMUM = -1.0507009873554805 * 1.6732632423543772;

const noises: readonly (readonly [layer: () => tf.layers.Layer, noise: Noise])[] = [
  [
    () => tf.layers.dropout({ rate: 0.5 }),
    (layer, input, draw) =>
      dropout(input, layer.rate, layer.getNoiseShape?.(input) ?? input.shape, draw),
  ],
  [
    () => tf.layers.gaussianNoise({ stddev: 1 }),
    ({ stddev }, input, draw) => input.add(draw('normal', input.shape, { mean: 0, stddev })),
  ],
  [
    () => tf.layers.gaussianDropout({ rate: 0.5 }),
    ({ rate }, input, draw) =>
      input.mul(draw('normal', input.shape, { mean: 1, stddev: Math.sqrt(rate / (1 - rate)) })),
  ],
  [
    () => tf.layers.alphaDropout({ rate: 0.5 }),
    ({ rate, noiseShape }, input, draw) => {
      const kept = draw('uniform', noiseShape ?? input.shape)
        .greaterEqual(rate)
        .toFloat();
      const scale = ((1 - rate) * (1 + rate * SELU_MINIMUM ** 2)) ** -0.5;
      // tfjs has the sign of this term the other way round from Keras; the graph does what tfjs does.
      const noised = input.mul(kept).add(kept.sub(1).mul(SELU_MINIMUM));
      return noised.mul(scale).add(-scale * SELU_MINIMUM * rate);
    },
  ],
];

const prototypeOf = <T extends object>(instance: T): T => Object.getPrototypeOf(instance) as T;

type Call = (inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments) => tf.Tensor | tf.Tensor[];

const isIdle = ({ rate, stddev }: NoiseLayer): boolean =>
  rate === undefined ? stddev === 0 : rate <= 0 || rate >= 1;

const replaceNoise = (replacements: Replacements, draw: Draw): void => {
  for (const [make, noise] of noises) {
    const prototype = prototypeOf(make()) as tf.layers.Layer & { call: Call };
    replacements.replace(
      prototype,
      'call',
      (original) =>
        function call(this: NoiseLayer, inputs, kwargs = {}) {
          if (!kwargs.training || isIdle(this)) return original.call(this, inputs, kwargs);
          return tf.tidy(() => {
            this.invokeCallHook(inputs, kwargs);
            const [input] = Array.isArray(inputs) ? inputs : [inputs];
            return noise(this, input as tf.Tensor, draw);
          });
        } as Call,
    );
  }
};

/** The part of a recurrent layer's cell that tfjs keeps to itself. */
interface Cell {
  dropoutFunc?: ((x: tf.Tensor, rate: number) => tf.Tensor) | undefined;
  dropoutMask?: tf.Tensor | tf.Tensor[] | null;
  recurrentDropoutMask?: tf.Tensor | tf.Tensor[] | null;
  call: Call;
}

const cells: readonly (() => unknown)[] = [
  () => tf.layers.simpleRNNCell({ units: 1 }),
  () => tf.layers.gruCell({ units: 1 }),
  () => tf.layers.lstmCell({ units: 1 }),
  () => tf.layers.convLstm2dCell({ filters: 1, kernelSize: 1 }),
];

/** A cell keeps its masks until its layer is called again; the trace takes its own away with it. */
const replaceCells = (replacements: Replacements, draw: Draw): void => {
  const masks = new Map<Cell, Pick<Cell, 'dropoutMask' | 'recurrentDropoutMask'>>();
  for (const make of cells) {
    replacements.replace(
      prototypeOf(make() as Cell),
      'call',
      (original) =>
        function call(this: Cell, inputs, kwargs) {
          const { dropoutMask, recurrentDropoutMask, dropoutFunc } = this;
          if (!masks.has(this)) {
            masks.set(this, {
              dropoutMask: dropoutMask ?? null,
              recurrentDropoutMask: recurrentDropoutMask ?? null,
            });
            this.dropoutMask = null;
            this.recurrentDropoutMask = null;
          }
          this.dropoutFunc ??= (x, rate) => dropout(x, rate, x.shape, draw);
          try {
            return original.call(this, inputs, kwargs);
          } finally {
            this.dropoutFunc = dropoutFunc;
          }
        } as Call,
    );
  }
  replacements.onRestore(() => {
    for (const [cell, before] of masks) {
      tf.dispose([cell.dropoutMask ?? [], cell.recurrentDropoutMask ?? []]);
      Object.assign(cell, before);
    }
  });
};

const refuseStateful = (replacements: Replacements, recorder: Recorder): void => {
  replacements.replace(
    tf.RNN.prototype as unknown as { call: Call },
    'call',
    (original) =>
      function call(this: tf.RNN, inputs, kwargs) {
        if (this.stateful) recorder.refuse(refuse.statefulLayer(this.name));
        return original.call(this, inputs, kwargs);
      } as Call,
  );
};

/** Lets tfjs-layers' random layers draw numbers that a graph can draw anew. */
export const watchNoiseLayers = (replacements: Replacements, recorder: Recorder): void => {
  let drawn = 0;
  const draw: Draw = (distribution, shape, parameters = {}) =>
    randomTensor({ distribution, shape, parameters, seed: 0, index: FIRST_INDEX + drawn++ });
  replaceNoise(replacements, draw);
  replaceCells(replacements, draw);
  refuseStateful(replacements, recorder);
};
