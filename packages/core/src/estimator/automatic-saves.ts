import { constantsOf, findNonFinite } from '../checkpoints/non-finite';
import { NonFiniteCheckpointError } from '../errors';
import type { ModelState } from '../model/model-state';

/**
 * Saves that a trigger asks for. One of a model that is not finite is skipped, which is reported once,
 * until a save succeeds.
 */
export class AutomaticSaves {
  readonly #print: (text: string) => void;
  #isReported = false;
  /** The variable for which the last save was skipped. */
  #variable: string | undefined;

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  /** Called when a round starts and after each save: the next one that is skipped is reported. */
  reset(): void {
    this.#isReported = false;
    this.#variable = undefined;
  }

  /**
   * Saves, unless the model is not finite.
   *
   * @param save throws a NonFiniteCheckpointError for such a model
   */
  async run(state: ModelState, save: () => Promise<unknown>): Promise<void> {
    if (await this.#isStillNonFinite(state)) return;
    try {
      await save();
    } catch (error) {
      if (!(error instanceof NonFiniteCheckpointError)) throw error;
      this.#variable = error.variable;
      if (!this.#isReported) {
        this.#print(
          `Warning: an automatic save was skipped. ${error.message} Automatic saves resume once the model is finite.`,
        );
      }
      this.#isReported = true;
    }
  }

  /** Reads one variable, which costs less than a complete snapshot after each step. */
  async #isStillNonFinite(state: ModelState): Promise<boolean> {
    const variable = this.#variable;
    if (variable === undefined || !state.variables.some(({ name }) => name === variable)) {
      return false;
    }
    return findNonFinite(await state.read([variable]), constantsOf(state)) !== undefined;
  }
}
