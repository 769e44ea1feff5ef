import type { Checkpoints } from '../checkpoints/checkpoints';
import type { InputSignature } from '../dataset';
import { StateError } from '../errors';
import { SCALAR_PREFIX } from '../model/hyperparameters';
import type { TracedModel } from '../model/model-program';
import { decodeModel, storedRunIn } from '../trace/meta-file';
import type { EstimatorContext } from './context';
import { parseStoredRun, type StoredRun } from './stored-run';

/**
 * What a directory stores of its run: in `elistimator_meta`, or else with the graph of a checkpoint.
 * Prints a message in the second case.
 *
 * @param checkpoints of a directory that holds at least one
 * @throws StateError when neither can be used
 */
export const findRun = async (
  { progress, drawnSeed }: EstimatorContext,
  checkpoints: Checkpoints,
): Promise<StoredRun> => {
  const { run, problem } = parseStoredRun(checkpoints.state);
  if (run !== undefined) return run;
  const { bytes, file } = await checkpoints.graph('latest');
  const model = bytes && decoded(bytes);
  if (model === undefined) throw noState(problem);
  try {
    const { run: stored } = parseStoredRun(storedRunIn(model));
    const source = `elistimator_meta has no usable state of the run, so it was taken from ${file}.meta.`;
    progress.message(stored ? source : `${source} ${lost}`);
    return stored ?? runOf(model, drawnSeed);
  } finally {
    model.graph.dispose();
  }
};

const lost =
  'Only the features that the model uses are known from there: pass params and sessionArgs.seed again, dataKeys, inputShapes and trainSaverArgs to setup(), and features by name to predict().';

/** Undefined for a graph that is not one of ours. */
const decoded = (bytes: Uint8Array): TracedModel | undefined => {
  try {
    return decodeModel(bytes);
  } catch {
    return undefined;
  }
};

/** What a graph of an earlier version tells about its run. */
const runOf = ({ graph, description }: TracedModel, seed: number): StoredRun => {
  const isScalar = (name: string) =>
    description.optimizer.takesScalars && name.startsWith(SCALAR_PREFIX);
  const inputSignature: InputSignature = Object.fromEntries(
    graph.placeholders
      .filter(({ name }) => !isScalar(name))
      .map(({ name, dtype, shape }) => [
        name,
        { dtype, shape: shape.map((size) => (typeof size === 'number' ? size : null)) },
      ]),
  );
  return { version: 1, seed, inputSignature, examples: { shapes: {}, values: {} } };
};

const noState = (actual: string): StateError =>
  new StateError({
    subject: 'state of the estimator in elistimator_meta',
    expected: 'what saveCkpt() wrote, or a .meta file that it wrote',
    actual,
    fix: 'If other software wrote the checkpoints, create the estimator with its constructor, call setup(), then restoreCkpt(prefix).',
  });
