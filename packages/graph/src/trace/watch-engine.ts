import * as tf from '@tensorflow/tfjs';
import {
  type CountingOptimizer,
  type LayerCall,
  optimizerPrototype,
  recurrentLayerPrototype,
  type TfjsEngine,
} from '../tfjs-internals';
import type { Recorder } from './recorder';
import { refuse } from './refusals';
import type { Replacements } from './replacements';

/** Whether the function may make variables: in its first call, as with TensorFlow's tf.function. */
type VariablePolicy = 'make' | 'refuse';

/** What a call made that outlives it. */
export interface Watched {
  /** Whether the call made variables. */
  madeVariables: boolean;
}

/** Puts everything that the engine does at the function's own level into the recorder. */
export const watchEngine = (
  engine: TfjsEngine,
  recorder: Recorder,
  replacements: Replacements,
  variables: VariablePolicy,
): Watched => {
  const watched: Watched = { madeVariables: false };
  // Kernels may call kernels; replaying the outer one does the same again.
  let depth = 0;

  replacements.replace(engine, 'runKernel', (original) => (name, inputs, attributes) => {
    if (depth > 0) {
      const result = original.call(engine, name, inputs, attributes);
      // The engine copies what a gradient will need while the kernel's call is under way.
      const { x } = inputs as { readonly x?: tf.Tensor };
      if (name === tf.Identity && x instanceof tf.Tensor && result instanceof tf.Tensor) {
        recorder.copy(x, result);
      }
      return result;
    }
    const pending = recorder.begin(name, inputs, attributes);
    depth++;
    let result: tf.Tensor | tf.Tensor[];
    try {
      result = original.call(engine, name, inputs, attributes);
    } finally {
      depth--;
    }
    recorder.end(pending, result);
    return result;
  });

  replacements.replace(engine, 'makeTensor', (original) => (values, shape, dtype, backend) => {
    const tensor = original.call(engine, values, shape, dtype, backend);
    if (depth === 0) recorder.constant(tensor, values);
    return tensor;
  });

  replacements.replace(engine, 'makeVariable', (original) => (value, trainable, name, dtype) => {
    const shown = name ?? 'without a name';
    if (variables === 'refuse') recorder.refuse(refuse.newVariable(shown));
    if (recorder.isFromInputs(value)) recorder.refuse(refuse.variableFromInputs(shown));
    watched.madeVariables = true;
    return original.call(engine, value, trainable, name, dtype);
  });

  replacements.replace(engine, 'readSync', (original) => (dataId) => {
    if (depth > 0) return original.call(engine, dataId);
    return recorder.refuse(refuse.read(recorder.maker(dataId)));
  });

  replacements.replace(engine, 'read', (original) => (dataId) => {
    if (depth > 0) return original.call(engine, dataId);
    recorder.refusal ??= refuse.read(recorder.maker(dataId));
    // A rejection that the function does not await would end the process; this just never goes on.
    return new Promise(() => {});
  });

  replacements.replace(
    tf.Variable.prototype,
    'assign',
    (original) =>
      function assign(this: tf.Variable, value: tf.Tensor): void {
        // The trace changes no variable; tfjs's own check of shape and dtype still applies.
        if (value.dtype !== this.dtype || !tf.util.arraysEqual(value.shape, this.shape)) {
          original.call(this, value as never);
        }
        recorder.assign(this, value);
      } as typeof original,
  );
  return watched;
};

/** Optimizers count their steps in JavaScript; puts the counts back. */
export const watchOptimizers = (replacements: Replacements): void => {
  const counts = new Map<CountingOptimizer, number | undefined>();
  replacements.replace(
    optimizerPrototype(),
    'incrementIterations',
    (original) =>
      function incrementIterations(this: CountingOptimizer): void {
        if (!counts.has(this)) counts.set(this, this.iterations_);
        original.call(this);
      },
  );
  replacements.onRestore(() => {
    for (const [optimizer, count] of counts) optimizer.iterations_ = count;
  });
};

export const refuseStatefulLayers = (replacements: Replacements, recorder: Recorder): void => {
  replacements.replace(
    recurrentLayerPrototype(),
    'call',
    (original) =>
      function call(this: tf.RNN, inputs, kwargs) {
        if (this.stateful) recorder.refuse(refuse.statefulLayer(this.name));
        return original.call(this as never, inputs, kwargs);
      } as LayerCall,
  );
};

const DAY = 86_400_000;

/**
 * Each call of the function is some days later than the one before, so that a constant made of the time
 * differs, however fast the calls follow each other.
 */
export const watchClock = (replacements: Replacements, call: number): void => {
  const shift = (now: () => number) => () => now() + call * (DAY + 1003);
  replacements.replace(Date, 'now', (original) => shift(() => original.call(Date)));
  replacements.replace(performance, 'now', (original) => shift(() => original.call(performance)));
};
