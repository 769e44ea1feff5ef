import type { Pointer, Runtime } from '../c-api';
import { TfGraph } from '../graph/graph';
import { loadSession } from '../session/open-session';
import { RunPlan } from '../session/run-plan';
import type { SessionConfig } from '../session/session-config';

interface LoadedModel {
  readonly graph: TfGraph;
  readonly session: Pointer;
  /** Keyed by the names of inputs and outputs, of which a model has few combinations. */
  readonly plans: Map<string, RunPlan>;
}

const splitNames = (list: string): string[] => list.split(',').filter((name) => name !== '');

/** The SavedModels of a binding, which tfjs refers to by number. */
export class SavedModels {
  readonly #runtime: Runtime;
  readonly #config: SessionConfig;
  readonly #models = new Map<number, LoadedModel>();
  #next = 0;

  constructor(runtime: Runtime, config: SessionConfig) {
    this.#runtime = runtime;
    this.#config = config;
  }

  get size(): number {
    return this.#models.size;
  }

  /** @throws TensorflowError if the directory has no SavedModel with these tags */
  load(directory: string, tags: string): number {
    const graph = new TfGraph(this.#runtime);
    try {
      const { pointer } = graph.handle;
      const { session } = loadSession(
        this.#runtime,
        pointer,
        directory,
        splitNames(tags),
        this.#config,
      );
      const id = this.#next++;
      this.#models.set(id, { graph, session, plans: new Map() });
      this.#runtime.handles.count('Session', 1);
      return id;
    } catch (error) {
      graph.close();
      throw error;
    }
  }

  /**
   * @param inputs the address of a `TF_Tensor` for each input
   * @returns the address of a new `TF_Tensor` for each output
   */
  run(id: number, inputs: readonly Pointer[], inputNames: string, outputNames: string): Pointer[] {
    const model = this.#get(id);
    const key = `${inputNames}|${outputNames}`;
    let plan = model.plans.get(key);
    if (plan === undefined) {
      const runNames = { feeds: splitNames(inputNames), fetches: splitNames(outputNames) };
      plan = new RunPlan(this.#runtime, model.graph, runNames);
      model.plans.set(key, plan);
    }
    if (plan.feedCount !== inputs.length) {
      throw new RangeError(
        `Length of input op names (${plan.feedCount}) does not match the length of input tensors (${inputs.length}).`,
      );
    }
    return plan.run(model.session, inputs);
  }

  delete(id: number): void {
    const { graph, session } = this.#get(id);
    const { c, status, handles } = this.#runtime;
    this.#models.delete(id);
    handles.count('Session', -1);
    c.TF_DeleteSession(session, status.pointer);
    graph.close();
    status.check('deleteSavedModel');
  }

  clear(): void {
    for (const id of [...this.#models.keys()]) this.delete(id);
  }

  #get(id: number): LoadedModel {
    const model = this.#models.get(id);
    if (model === undefined) {
      throw new RangeError(
        `SavedModel ID not found (savedmodel_id: ${id}). It was deleted or never loaded.`,
      );
    }
    return model;
  }
}
