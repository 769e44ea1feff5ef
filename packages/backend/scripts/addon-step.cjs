// Run by build-addon.mjs: trains a few steps with tfjs-node's addon and prints one line.
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;

const tf = require('@tensorflow/tfjs-node');

const weight = tf.variable(tf.zeros([4, 1]));
const x = tf.randomNormal([32, 4], 0, 1, 'float32', 7);
const y = tf.matMul(x, tf.tensor2d([[1], [2], [3], [4]]));
const optimizer = tf.train.sgd(0.1);
const losses = [];
for (let step = 0; step < 20; step++) {
  const loss = optimizer.minimize(() => tf.losses.meanSquaredError(y, tf.matMul(x, weight)), true);
  losses.push(loss.dataSync()[0]);
}
const [first, last] = [losses[0], losses.at(-1)];
if (!(last < first / 10)) throw new Error(`the loss went from ${first} to ${last}`);
const { TF_Version } = tf.backend().binding;
console.log(
  `TensorFlow ${TF_Version} trains: loss ${first.toFixed(3)} to ${last.toFixed(3)} in 20 steps.`,
);
