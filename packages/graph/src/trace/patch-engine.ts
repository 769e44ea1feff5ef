import * as tf from '@tensorflow/tfjs';
import type { TfjsEngine } from '../tfjs-internals';
import type { MethodPatches } from './method-patches';
import type { CurrentRecorder } from './recorder';
import { untraceable } from './untraceable';

/** Facts about a call that are complete when it has returned. */
export interface CallFacts {
  createdVariables: boolean;
}

/**
 * Records everything that the function does with the engine.
 *
 * @param mayCreateVariables true for the first call of a function, as in TensorFlow's tf.function
 */
export const patchEngine = (
  engine: TfjsEngine,
  current: CurrentRecorder,
  patches: MethodPatches,
  mayCreateVariables: boolean,
): CallFacts => {
  const facts: CallFacts = { createdVariables: false };
  // Kernels may call kernels. Only the outer ones are recorded, since replaying them calls the inner ones.
  let depth = 0;

  patches.replace(engine, 'runKernel', (original) => (name, inputs, attributes) => {
    if (depth > 0) {
      const result = original.call(engine, name, inputs, attributes);
      // During a kernel's call, the engine copies tensors that a gradient will need.
      const { x } = inputs as { readonly x?: tf.Tensor };
      if (name === tf.Identity && x instanceof tf.Tensor && result instanceof tf.Tensor) {
        current.recorder.addCopy(x, result);
      }
      return result;
    }
    const pending = current.recorder.beginKernel(name, inputs, attributes);
    depth++;
    let result: tf.Tensor | tf.Tensor[];
    try {
      result = original.call(engine, name, inputs, attributes);
    } finally {
      depth--;
    }
    current.recorder.endKernel(pending, result);
    return result;
  });

  patches.replace(engine, 'makeTensor', (original) => (values, shape, dtype, backend) => {
    const tensor = original.call(engine, values, shape, dtype, backend);
    if (depth === 0) current.recorder.addConstant(tensor, values);
    return tensor;
  });

  patches.replace(engine, 'makeVariable', (original) => (value, trainable, name, dtype) => {
    const shownName = name ?? 'without a name';
    if (!mayCreateVariables) current.recorder.fail(untraceable.newVariable(shownName));
    if (current.recorder.isFromInputs(value))
      current.recorder.fail(untraceable.variableFromInputs(shownName));
    facts.createdVariables = true;
    return original.call(engine, value, trainable, name, dtype);
  });

  patches.replace(engine, 'readSync', (original) => (dataId) => {
    if (depth > 0) return original.call(engine, dataId);
    return current.recorder.fail(untraceable.read(current.recorder.makerOf(dataId)));
  });

  patches.replace(engine, 'read', (original) => (dataId) => {
    if (depth > 0) return original.call(engine, dataId);
    current.recorder.firstError ??= untraceable.read(current.recorder.makerOf(dataId));
    // A rejection that the function does not await would end the process.
    return new Promise(() => {});
  });

  patches.replace(
    tf.Variable.prototype,
    'assign',
    (original) =>
      function assign(this: tf.Variable, value: tf.Tensor): void {
        // The trace changes no variable, but tfjs still checks the shape and the dtype.
        if (value.dtype !== this.dtype || !tf.util.arraysEqual(value.shape, this.shape)) {
          original.call(this, value as never);
        }
        current.recorder.addAssignment(this, value);
      } as typeof original,
  );
  return facts;
};
