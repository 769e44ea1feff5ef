import { NotReadyError } from '../errors';
import { CodeModel } from '../model/code-model';
import type { GraphModel } from '../model/graph-model';
import type { ProgramSource } from '../trace/trace-cache';
import { EagerExecutor } from './eager';
import { ReplayExecutor } from './replay';
import type { Execution, ExecutorHost, StepExecutor } from './step-executor';

/**
 * Creates the executor of a built model.
 *
 * @param execution eager by default; a model without code always replays, unless it is a factory
 */
export const createExecutor = (
  execution: Execution | undefined,
  model: CodeModel | GraphModel,
  programs: ProgramSource,
  featureNames: readonly string[],
): StepExecutor => {
  const host: ExecutorHost = {
    model,
    state: model.state,
    featureNames,
    eager: () => {
      if (model instanceof CodeModel) return new EagerExecutor(model);
      throw new NotReadyError('Eager execution needs the modelFn: pass it to fromDisk().');
    },
    replay: () => new ReplayExecutor(programs, () => model.optimizer.countStep()),
  };
  if (typeof execution === 'function') return execution(host);
  const isEager = (execution ?? 'eager') === 'eager' && model instanceof CodeModel;
  return isEager ? host.eager() : host.replay();
};
