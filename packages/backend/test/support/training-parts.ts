import * as tf from '@tensorflow/tfjs';

type Loss = (labels: tf.Tensor, logits: tf.Tensor) => tf.Tensor;

/** Every activation of tfjs-layers. */
export const activations = [
  'elu',
  'gelu',
  'gelu_new',
  'hardSigmoid',
  'linear',
  'logSoftmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'tanh',
] as const;

/** Every loss of tfjs, and those of `tf.metrics` that `model.compile()` accepts as losses. */
export const losses: Readonly<Record<string, Loss>> = {
  absoluteDifference: (y, x) => tf.losses.absoluteDifference(y, x),
  computeWeightedLoss: (y, x) =>
    tf.losses.computeWeightedLoss(
      tf.squaredDifference(y, x),
      tf.step(y),
      tf.Reduction.SUM_BY_NONZERO_WEIGHTS,
    ),
  cosineDistance: (y, x) => tf.losses.cosineDistance(y, x, 1),
  hingeLoss: (y, x) => tf.losses.hingeLoss(tf.step(y), x),
  huberLoss: (y, x) => tf.losses.huberLoss(y, x, undefined, 0.5),
  logLoss: (y, x) => tf.losses.logLoss(tf.step(y), tf.sigmoid(x)),
  meanSquaredError: (y, x) => tf.losses.meanSquaredError(y, x),
  sigmoidCrossEntropy: (y, x) => tf.losses.sigmoidCrossEntropy(tf.step(y), x),
  softmaxCrossEntropy: (y, x) => tf.losses.softmaxCrossEntropy(tf.softmax(y), x),
  binaryCrossentropy: (y, x) => tf.metrics.binaryCrossentropy(tf.step(y), tf.sigmoid(x)),
  categoricalCrossentropy: (y, x) =>
    tf.metrics.categoricalCrossentropy(tf.softmax(y), tf.softmax(x)),
  cosineProximity: (y, x) => tf.metrics.cosineProximity(y, x),
  meanAbsoluteError: (y, x) => tf.metrics.meanAbsoluteError(y, x),
  meanAbsolutePercentageError: (y, x) => tf.metrics.meanAbsolutePercentageError(y, x),
};

/** Every metric that has no gradient. Labels and predictions are [batch, classes]. */
export const metrics: Readonly<Record<string, Loss>> = {
  binaryAccuracy: (y, x) => tf.metrics.binaryAccuracy(tf.step(y), tf.sigmoid(x)),
  categoricalAccuracy: (y, x) => tf.metrics.categoricalAccuracy(y, x),
  precision: (y, x) => tf.metrics.precision(tf.step(y), tf.step(x)),
  recall: (y, x) => tf.metrics.recall(tf.step(y), tf.step(x)),
  r2Score: (y, x) => tf.metrics.r2Score(y, x),
  sparseCategoricalAccuracy: (y, x) => tf.metrics.sparseCategoricalAccuracy(tf.argMax(y, 1), x),
};

/** Every optimizer of tfjs. */
export const optimizers: Readonly<Record<string, () => tf.Optimizer>> = {
  adadelta: () => tf.train.adadelta(0.1),
  adagrad: () => tf.train.adagrad(0.1),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01),
  momentum: () => tf.train.momentum(0.01, 0.9, true),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-7, true),
  sgd: () => tf.train.sgd(0.01),
};

/** Every regularizer. */
export const regularizers = {
  l1: () => tf.regularizers.l1({ l1: 0.1 }),
  l1l2: () => tf.regularizers.l1l2({ l1: 0.1, l2: 0.1 }),
  l2: () => tf.regularizers.l2({ l2: 0.1 }),
};

/** Every constraint. */
export const constraints = {
  maxNorm: () => tf.constraints.maxNorm({ maxValue: 0.5 }),
  minMaxNorm: () => tf.constraints.minMaxNorm({ minValue: 0.1, maxValue: 0.5 }),
  nonNeg: () => tf.constraints.nonNeg(),
  unitNorm: () => tf.constraints.unitNorm({}),
};

/** Every initializer. */
export const initializers = {
  constant: () => tf.initializers.constant({ value: 0.5 }),
  glorotNormal: () => tf.initializers.glorotNormal({}),
  glorotUniform: () => tf.initializers.glorotUniform({}),
  heNormal: () => tf.initializers.heNormal({}),
  heUniform: () => tf.initializers.heUniform({}),
  identity: () => tf.initializers.identity({}),
  leCunNormal: () => tf.initializers.leCunNormal({}),
  leCunUniform: () => tf.initializers.leCunUniform({}),
  ones: () => tf.initializers.ones(),
  orthogonal: () => tf.initializers.orthogonal({}),
  randomNormal: () => tf.initializers.randomNormal({}),
  randomUniform: () => tf.initializers.randomUniform({}),
  truncatedNormal: () => tf.initializers.truncatedNormal({}),
  varianceScaling: () => tf.initializers.varianceScaling({}),
  zeros: () => tf.initializers.zeros(),
};
