import type { CheckpointManager } from './checkpoint-manager';
import type { CheckpointSnapshot } from './snapshot';

/**
 * Saves while training goes on: `save` resolves as soon as the save before it has ended, and this one has
 * begun. One snapshot at most is in memory besides the one being taken.
 *
 * A failure surfaces at the next call, never silently. Node does not end while a save is under way, unless
 * `process.exit` is called: call `wait` before that.
 */
export class BackgroundSaver {
  readonly #manager: Pick<CheckpointManager, 'save'>;
  #running: Promise<{ readonly file: string } | { readonly failure: unknown }> | undefined;

  constructor(manager: Pick<CheckpointManager, 'save'>) {
    this.#manager = manager;
  }

  /**
   * Begins a save.
   *
   * @param snapshot its tensors must not change until the save has ended: hand over copies
   * @throws whatever the save before this one met; this one is then not begun
   */
  async save(snapshot: CheckpointSnapshot): Promise<void> {
    await this.wait();
    this.#running = this.#manager.save(snapshot).then(
      (file) => ({ file }),
      (failure: unknown) => ({ failure }),
    );
  }

  /**
   * Waits for the save that is under way.
   *
   * @returns the prefix of the checkpoint; undefined when nothing was saved since the last call
   * @throws whatever the save met, once
   */
  async wait(): Promise<string | undefined> {
    const running = this.#running;
    const outcome = await running;
    // Two callers may wait at once; the outcome goes to one of them, and a newer save is not forgotten.
    if (running === undefined || this.#running !== running || outcome === undefined)
      return undefined;
    this.#running = undefined;
    if ('failure' in outcome) throw outcome.failure;
    return outcome.file;
  }
}
