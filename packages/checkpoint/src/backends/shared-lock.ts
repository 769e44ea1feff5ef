import { SerialQueue } from '@elistimator/internal';
import type { WriteLock } from './checkpoint-backend';

interface Held {
  readonly release: () => Promise<void>;
  /** Who ran the last task. */
  last: object | undefined;
  holders: number;
  /** Set once the last holder has let go. */
  ending: Promise<void> | undefined;
}

/**
 * A lock between processes that the holders within this one share: the first takes it, the last releases it,
 * and their tasks run one after the other.
 */
export class SharedLock {
  readonly #take: () => Promise<() => Promise<void>>;
  readonly #tasks = new SerialQueue();
  #held: Promise<Held> | undefined;

  /** @param take takes the lock between processes and gives what releases it */
  constructor(take: () => Promise<() => Promise<void>>) {
    this.#take = take;
  }

  /** Becomes one of the holders. @throws whatever taking the lock between processes throws */
  async lock(): Promise<WriteLock> {
    const held = await this.#hold();
    if (held.ending !== undefined) {
      await held.ending;
      return this.lock();
    }
    held.holders++;
    const self = {};
    let released = false;
    return {
      run: (task) =>
        this.#tasks.run(() => {
          const others = held.last !== undefined && held.last !== self;
          held.last = self;
          return task(others);
        }),
      release: async () => {
        if (released) return;
        released = true;
        held.holders--;
        if (held.holders > 0) return;
        held.ending = this.#tasks.run(held.release).finally(() => {
          this.#held = undefined;
        });
        await held.ending;
      },
    };
  }

  #hold(): Promise<Held> {
    if (this.#held !== undefined) return this.#held;
    const taking = this.#take().then((release) => ({
      release,
      last: undefined,
      holders: 0,
      ending: undefined,
    }));
    this.#held = taking;
    taking.catch(() => {
      this.#held = undefined;
    });
    return taking;
  }
}
