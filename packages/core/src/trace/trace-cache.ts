import * as tf from '@tensorflow/tfjs';
import type { CodeModel } from '../model/code-model';
import { ModelProgram } from '../model/model-program';
import { type TraceModelOptions, traceModel } from './trace-model';

/** Gives the current graph of a model. */
export interface ProgramSource {
  /** The graph of the model as it is now. Slow when it has to be traced. */
  current(): ModelProgram;
  /** The last graph, without looking for changes; for every step. */
  latest(): ModelProgram;
  dispose(): void;
}

/**
 * The graph of a model function, which is traced again when what it is made of has changed: settings
 * among the parameters, frozen layers, or slots that a restored checkpoint did not have. A changed
 * learning rate does not count, since it is an input of the graph.
 */
export class TraceCache implements ProgramSource {
  readonly #model: CodeModel;
  readonly #seed: number;
  #options: TraceModelOptions;
  #traced:
    | { readonly fingerprint: string; readonly structure: string; readonly program: ModelProgram }
    | undefined;

  constructor(model: CodeModel, seed: number, options: TraceModelOptions) {
    this.#model = model;
    this.#seed = seed;
    this.#options = options;
  }

  /** The signature and specs that the next trace uses. */
  get options(): TraceModelOptions {
    return this.#options;
  }

  set options(options: TraceModelOptions) {
    this.#options = options;
  }

  latest(): ModelProgram {
    const traced = this.#traced;
    return traced?.structure === this.#model.optimizer.structure ? traced.program : this.current();
  }

  current(): ModelProgram {
    if (this.#traced?.fingerprint === this.#fingerprint()) return this.#traced.program;
    this.dispose();
    const { state } = this.#model;
    const traced = traceModel(this.#model, this.#options);
    const program = new ModelProgram(traced, { seed: this.#seed, variables: () => state.all() });
    // Tracing creates slots, so the fingerprint is of the state afterwards.
    const { structure } = this.#model.optimizer;
    this.#traced = { fingerprint: this.#fingerprint(), structure, program };
    return program;
  }

  #fingerprint(): string {
    const { optimizer, params, trainedVariables } = this.#model;
    return JSON.stringify([
      this.#options.signature,
      trainedVariables.map(({ name }) => name),
      [...optimizer.variables().keys()],
      optimizer.takesScalars ? undefined : optimizer.hyperparameters,
      optimizer.structure,
      paramsFingerprint(params),
    ]);
  }

  dispose(): void {
    this.#traced?.program.traced.graph.dispose();
    this.#traced = undefined;
  }
}

/** Longer lists are data rather than settings; only their length counts. */
const LONGEST_LIST = 1000;

const shorten = (_: string, value: unknown): unknown => {
  if (value instanceof tf.Tensor) return ['tensor', value.id];
  const isLong = ArrayBuffer.isView(value) || (Array.isArray(value) && value.length > LONGEST_LIST);
  if (isLong) return ['list', (value as unknown as ArrayLike<unknown>).length];
  // JSON has no NaN and no infinity.
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
};

/** A string that changes when the settings among a model function's parameters change. */
const paramsFingerprint = (params: unknown): string => {
  try {
    return JSON.stringify(params, shorten) ?? '';
  } catch {
    // Circular, or a BigInt: assumed not to change.
    return '';
  }
};
