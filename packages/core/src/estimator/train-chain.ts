import { assertArguments, checkAsyncMethods, optional, required } from '@elistimator/internal';
import type { SaveCkptOptions, ValidateOptions } from './options';

/** Calls that can be chained to a round. */
export interface AfterRound<Metrics> {
  validate(options?: ValidateOptions): Promise<Metrics>;
  saveCkpt(options?: SaveCkptOptions): Promise<string>;
}

/**
 * The result of `train()`: await it for the estimator, or chain a call that runs after the round and
 * before calls that are made later. If the round fails, chained calls reject without running.
 */
export class TrainChain<E, Metrics> implements PromiseLike<E> {
  readonly #round: Promise<E>;
  readonly #after: AfterRound<Metrics>;

  constructor(round: Promise<E>, after: AfterRound<Metrics>) {
    assertArguments('new TrainChain()', arguments, { round: required(), after: required() });
    this.#round = round;
    this.#after = after;
  }

  /** Validates after the round. */
  validate(options?: ValidateOptions): Promise<Metrics> {
    return this.#after.validate(options);
  }

  /** Saves a checkpoint after the round. */
  saveCkpt(options?: SaveCkptOptions): Promise<string> {
    return this.#after.saveCkpt(options);
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting the chain is its purpose.
  then<A = E, B = never>(
    onFulfilled?: ((estimator: E) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#round.then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<E | B> {
    return this.#round.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<E> {
    return this.#round.finally(onFinally);
  }
}

checkAsyncMethods(TrainChain.prototype, '', {
  validate: { options: optional() },
  saveCkpt: { options: optional() },
  // biome-ignore lint/suspicious/noThenProperty: a table of parameters by method.
  then: { onFulfilled: optional(), onRejected: optional() },
  catch: { onRejected: optional() },
  finally: { onFinally: optional() },
});
