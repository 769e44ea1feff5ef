import { checkedFunction, kinds, options, required } from '@elistimator/internal';
import { OutsideModelFnError } from '../errors';
import type { SummaryRecorder } from './summary-recorder';
import { TensorMasks } from './tensor-masks';
import type { VariableStore } from './variable-store';

/** What differs between calls of a model function. */
export interface ModelCallOptions {
  readonly store: VariableStore;
  readonly isTraining: boolean;
  /** Determines this call's random draws. */
  readonly seed: number;
  /** Receives what `summary.*` records; without it these do nothing. */
  readonly summaries?: SummaryRecorder | undefined;
}

/** The context of one call of a model function, in which `layers.*`, `random.*` and the like find their variables, names and seeds. */
export class ModelCall {
  readonly store: VariableStore;
  readonly isTraining: boolean;
  readonly summaries: SummaryRecorder | undefined;
  readonly masks = new TensorMasks();
  /** The full name of the layer that is running, for errors. */
  layer: string | undefined;
  /** The path of the variable scope, with a trailing slash; empty at the root. */
  scope = '';
  /** Whether names that this call has already used are shared rather than rejected or numbered. */
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

  /** Marks a full name as used by this call; returns false if it already was. */
  claim(name: string): boolean {
    if (this.#used.has(name)) return false;
    this.#used.add(name);
    return true;
  }

  /** The source of the next random operation: the call's seed, and the operation's index in the call. */
  nextDraw(): { readonly seed: number; readonly index: number } {
    return { seed: this.#seed, index: this.#randomOperations++ };
  }

  /** Runs `fn` inside a scope; a reused scope numbers its layers from the start again. */
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

/** Runs `fn` with `call` as the current call. Model functions are synchronous, so calls nest. */
export const withModelCall = <T>(call: ModelCall, fn: () => T): T => {
  const outer = current;
  current = call;
  try {
    return fn();
  } finally {
    current = outer;
    call.masks.dispose();
  }
};

/** The current call; undefined when no model function is running. */
export const modelCallIfAny = (): ModelCall | undefined => current;

/**
 * The current call.
 *
 * @param caller the public function that needs it, for the error
 * @throws OutsideModelFnError when no model function is running
 */
export const currentModelCall = (caller: string): ModelCall => {
  if (current === undefined) throw new OutsideModelFnError(caller);
  return current;
};

/**
 * Runs `fn` with `name/` in front of the names of the layers, variables and summaries made in it.
 *
 * @param options.reuse share the variables of an earlier scope of this name: its layers are numbered
 *   from the start again, so the first `dense` here is the first `dense` there. Default: false
 * @returns what `fn` returns
 * @throws OutsideModelFnError outside of a model function
 */
export const variableScope = checkedFunction(
  'variableScope()',
  {
    name: required(kinds.string),
    fn: required(kinds.callback),
    options: options<{ readonly reuse?: boolean }>({ reuse: kinds.boolean }),
  },
  <T>(name: string, fn: () => T, { reuse = false }: { readonly reuse?: boolean } = {}): T =>
    currentModelCall('variableScope()').withScope(name, reuse, fn),
);
