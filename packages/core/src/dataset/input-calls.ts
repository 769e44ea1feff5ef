import * as tf from '@tensorflow/tfjs';

/**
 * Calls an input function, round by round, and frees what it leaves behind.
 *
 * The tensors that the function creates while it is called belong to the data that it returns. They are
 * disposed once the function has returned other data, except those that are kept. Tensors that the first
 * call creates are left alone, since the function may return them again.
 */
export class InputCalls {
  readonly #inputFn: () => unknown;
  #calls = 0;
  #data: unknown;
  #created: readonly tf.Tensor[] = [];

  constructor(inputFn: () => unknown) {
    this.#inputFn = inputFn;
  }

  async call(): Promise<unknown> {
    const { result, created } = this.#tracked();
    let data: unknown;
    try {
      data = await result;
    } catch (error) {
      tf.dispose([...created]);
      throw error;
    }
    this.#calls += 1;
    const isSame = data === this.#data;
    if (!isSame) for (const tensor of this.#created) if (!tensor.kept) tensor.dispose();
    this.#created = this.#calls === 1 ? [] : isSame ? [...this.#created, ...created] : created;
    this.#data = data;
    return data;
  }

  /** Calls the function, and notes the tensors that it creates before its first await. */
  #tracked(): { readonly result: unknown; readonly created: readonly tf.Tensor[] } {
    const engine = tf.engine();
    let created: tf.Tensor[] = [];
    engine.startScope('input function');
    try {
      const result = this.#inputFn();
      created = [...engine.state.activeScope.track];
      return { result, created };
    } finally {
      engine.endScope(created);
    }
  }
}
