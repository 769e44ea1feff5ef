import * as tf from '@tensorflow/tfjs';
import { inOrder, type LayerCases } from './layer-case';

const { layers } = tf;

export const recurrentCases: LayerCases = {
  simpleRNN: { input: [5, 3], apply: inOrder(() => [layers.simpleRNN({ units: 4 })]) },
  lstm: {
    input: [5, 3],
    apply: inOrder(() => [layers.lstm({ units: 4, returnSequences: true })]),
  },
  'gru, backwards': {
    input: [5, 3],
    apply: inOrder(() => [layers.gru({ units: 4, goBackwards: true })]),
  },
  'rnn of stacked cells': {
    input: [4, 3],
    apply: inOrder(() => [
      layers.rnn({
        cell: layers.stackedRNNCells({
          cells: [
            layers.gruCell({ units: 3 }),
            layers.lstmCell({ units: 2 }),
            layers.simpleRNNCell({ units: 2 }),
          ],
        }) as never,
      }),
    ]),
  },
  bidirectional: {
    input: [4, 3],
    apply: inOrder(() => [
      layers.bidirectional({ layer: layers.gru({ units: 2 }) as tf.RNN, mergeMode: 'concat' }),
    ]),
  },
  convLstm2d: {
    input: [3, 5, 5, 2],
    apply: inOrder(() => [layers.convLstm2d({ filters: 2, kernelSize: 3 })]),
  },
  timeDistributed: {
    input: [3, 6],
    apply: inOrder(() => [layers.timeDistributed({ layer: layers.dense({ units: 4 }) })]),
  },
  masking: {
    input: [4, 3],
    apply: inOrder(() => [layers.masking({ maskValue: 0 }), layers.lstm({ units: 3 })]),
  },
  'embedding, masked': {
    input: [5],
    integers: true,
    apply: inOrder(() => [
      layers.embedding({ inputDim: 10, outputDim: 3, maskZero: true }),
      layers.lstm({ units: 3 }),
    ]),
  },
};
