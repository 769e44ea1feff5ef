import { OutsideModelFnError } from '../errors';
import type { SummaryRecorder } from './summary-recorder';
import type { VariableStore } from './variable-store';

/** What distinguishes one call of a model function from the next. */
export interface ModelCallOptions {
  readonly store: VariableStore;
  readonly isTraining: boolean;
  /** Where the seeds of this call's random operations start; the same number gives the same draws. */
  readonly seed: number;
  /** Takes what `summary.*` records; without it they do nothing. */
  readonly summaries?: SummaryRecorder | undefined;
}

/**
 * The surroundings of one call of a model function: `layers.*`, `getVariable`, `random.*` and
 * `summary.*` find here which variables, names, seeds and recorder are theirs.
 */
export class ModelCall {
  readonly store: VariableStore;
  readonly isTraining: boolean;
  readonly summaries: SummaryRecorder | undefined;
  /** The variable scope's path, with a slash at its end unless it is the root. */
  scope = '';
  /** Whether names that this call used already are shared rather than refused or numbered. */
  reuse = false;
  readonly #seed: number;
  #randomOperations = 0;
  #counts = new Map<string, number>();
  readonly #used = new Set<string>();

  constructor({ store, isTraining, seed, summaries }: ModelCallOptions) {
    this.store = store;
    this.isTraining = isTraining;
    this.summaries = summaries;
    this.#seed = seed;
  }

  /** The name that TensorFlow 1 gives the next unnamed layer of a kind: `conv2d`, then `conv2d_1`. */
  nextName(kind: string): string {
    const key = this.scope + kind;
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    return count === 0 ? key : `${key}_${count}`;
  }

  /** Notes that this call used a full name; false when it had done so before. */
  claim(name: string): boolean {
    if (this.#used.has(name)) return false;
    this.#used.add(name);
    return true;
  }

  /** What this call's next random operation draws from: the call's seed, and its place in the call. */
  nextDraw(): { readonly seed: number; readonly index: number } {
    return { seed: this.#seed, index: this.#randomOperations++ };
  }

  /** Runs `fn` within a scope; a reused scope numbers its layers from the start again. */
  withScope<T>(name: string, reuse: boolean, fn: () => T): T {
    const outer = { scope: this.scope, reuse: this.reuse, counts: this.#counts };
    this.scope += `${name}/`;
    this.reuse ||= reuse;
    if (reuse) this.#counts = new Map();
    try {
      return fn();
    } finally {
      this.scope = outer.scope;
      this.reuse = outer.reuse;
      this.#counts = outer.counts;
    }
  }
}

let current: ModelCall | undefined;

/** Runs `fn` with `call` as its surroundings. Model functions are synchronous, so calls nest. */
export const withModelCall = <T>(call: ModelCall, fn: () => T): T => {
  const outer = current;
  current = call;
  try {
    return fn();
  } finally {
    current = outer;
  }
};

/**
 * The call under way.
 *
 * @param what the public function that asks, for the error
 * @throws OutsideModelFnError when no model function is running
 */
export const currentModelCall = (what: string): ModelCall => {
  if (current === undefined) throw new OutsideModelFnError(what);
  return current;
};
