import { SerialQueue } from '@elistimator/internal';
import type { WriteLock } from './checkpoint-backend';

export type Release = () => Promise<void>;

interface AcquiredLock {
  readonly release: Release;
  /** Identifies the holder that ran the last task. */
  lastWriter: symbol | undefined;
  holders: number;
  /** Set once the last holder has released the lock. */
  releasing: Promise<void> | undefined;
}

/**
 * A lock between processes that is shared within this one: the first holder takes it, the last one releases it, and
 * their tasks run one after the other.
 */
export class SharedLock {
  readonly #take: () => Promise<Release>;
  readonly #tasks = new SerialQueue();
  #acquired: Promise<AcquiredLock> | undefined;

  /** @param take takes the lock between processes */
  constructor(take: () => Promise<Release>) {
    this.#take = take;
  }

  /** Adds a holder. @throws errors of taking the lock between processes */
  async lock(): Promise<WriteLock> {
    const acquired = await this.#acquire();
    if (acquired.releasing !== undefined) {
      await acquired.releasing;
      return this.lock();
    }
    acquired.holders++;
    const self = Symbol('holder');
    let released = false;
    return {
      run: (task) =>
        this.#tasks.run(() => {
          const othersWrote = acquired.lastWriter !== undefined && acquired.lastWriter !== self;
          acquired.lastWriter = self;
          return task(othersWrote);
        }),
      release: async () => {
        if (released) return;
        released = true;
        acquired.holders--;
        if (acquired.holders > 0) return;
        acquired.releasing = this.#tasks.run(acquired.release).finally(() => {
          this.#acquired = undefined;
        });
        await acquired.releasing;
      },
    };
  }

  #acquire(): Promise<AcquiredLock> {
    if (this.#acquired !== undefined) return this.#acquired;
    const acquiring = this.#take().then((release) => ({
      release,
      lastWriter: undefined,
      holders: 0,
      releasing: undefined,
    }));
    this.#acquired = acquiring;
    acquiring.catch(() => {
      this.#acquired = undefined;
    });
    return acquiring;
  }
}
