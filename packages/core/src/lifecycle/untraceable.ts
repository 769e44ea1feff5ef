import { NotReadyError } from '../errors';
import type { Execution } from '../execution/step-executor';
import type { ModelProgram } from '../model/model-program';

/** Warns about parts of a model that need the model function again in another process. */
export class UntraceableWarnings {
  readonly #print: (text: string) => void;
  readonly #printed = new Set<string>();

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  /**
   * Prints each reason once.
   *
   * @throws NotReadyError when training was requested to run as a graph, and can't
   */
  report({ traced: { description } }: ModelProgram, execution: Execution | undefined): void {
    const { untraceable } = description;
    const needsGraph = execution === 'graph' || execution === 'replay';
    if (needsGraph && untraceable.train !== undefined) {
      throw new NotReadyError(
        `execution: '${execution}' needs a model function that can be traced. ${untraceable.train} Or omit "execution".`,
      );
    }
    for (const reason of Object.values(untraceable)) {
      if (this.#printed.has(reason)) continue;
      this.#printed.add(reason);
      this.#print(`${reason} Until then fromDisk() needs the modelFn.`);
    }
  }
}
