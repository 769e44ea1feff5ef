import { NotReadyError } from '../errors';
import type { GraphProgram } from '../model/graph-program';
import type { EstimatorOptions } from './options';

type Options = Pick<EstimatorOptions<never, never, never, never>, 'execution'> & {
  readonly modelFn: unknown;
};

/** Says what of a model is code only, and so needs the modelFn again in another process. */
export class RefusalNotices {
  readonly #say: (text: string) => void;
  /** Reasons that were given already. */
  readonly #told = new Set<string>();

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /**
   * Gives each reason once. A model without code has nothing to be told.
   *
   * @throws NotReadyError when training was to run as a graph, and can't
   */
  tell({ model: { description } }: GraphProgram, { modelFn, execution }: Options): void {
    if (modelFn === null) return;
    const { refusals } = description;
    if (execution === 'graph' && refusals.train !== undefined) {
      throw new NotReadyError(
        `execution: expected a model function that can be traced for 'graph'. ${refusals.train} Or leave out execution.`,
      );
    }
    for (const reason of Object.values(refusals)) {
      if (this.#told.has(reason)) continue;
      this.#told.add(reason);
      this.#say(`${reason} Until then fromDisk() needs the modelFn.`);
    }
  }
}
