import * as tf from '@tensorflow/tfjs';
import { ModelCall, withModelCall } from '../src/scope/model-call';
import { VariableStore } from '../src/scope/variable-store';

/** Runs a model function as the estimator does: a first call that builds the model, then a new call each time. */
export const runner = (seed = 3) => {
  const store = new VariableStore(seed);
  let isBuilt = false;
  const run = <T>(fn: () => T, { isTraining = false, step = 0 } = {}): T => {
    const call = () => withModelCall(new ModelCall({ store, isTraining, seed: step }), fn);
    if (!isBuilt) {
      store.build(() => {
        tf.engine().startScope();
        try {
          call();
        } finally {
          tf.engine().endScope();
        }
      });
    }
    isBuilt = true;
    return call();
  };
  const names = () => store.all().map(({ name }) => name);
  return { store, run, names };
};
