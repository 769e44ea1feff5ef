/** What a chain goes on with. */
interface Chainable<Metrics> {
  validate(): Promise<Metrics>;
  saveCkpt(): Promise<string>;
}

/**
 * What `train()` returns: await it for the estimator, or chain what is to run after the round.
 * When the round fails, so does everything chained, without running.
 */
export class TrainChain<E extends Chainable<Metrics>, Metrics> implements PromiseLike<E> {
  readonly #round: Promise<E>;

  constructor(round: Promise<E>) {
    this.#round = round;
  }

  /** Validates after the round. */
  async validate(): Promise<Metrics> {
    return (await this.#round).validate();
  }

  /** Saves a checkpoint after the round. */
  async saveCkpt(): Promise<string> {
    return (await this.#round).saveCkpt();
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
