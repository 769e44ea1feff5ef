import { NoCheckpointError } from '../errors';
import type { CheckpointEntry, CheckpointStore } from '../ports';
import { GRAPH_SUFFIX } from './contents';
import { describeOthers, isCandidate } from './lineage';

/** How often to look again when another process deletes the checkpoint that is about to be read. */
const MAX_ATTEMPTS = 10;

/** Which checkpoint of a directory to restore. */
export type CheckpointChoice = 'latest' | 'best';

/** A checkpoint that was skipped because it is damaged. */
export interface SkippedCheckpoint {
  readonly file: string;
  readonly reason: string;
}

interface FailedRead extends SkippedCheckpoint {
  readonly error: Error;
}

/** What was read from the first intact checkpoint. */
export interface FirstIntact<T> {
  readonly value: T | undefined;
  /** The checkpoint that it is from. */
  readonly file: string | undefined;
  readonly skipped: readonly FailedRead[];
  /** Why the best checkpoint is merely the latest. */
  readonly note: string | undefined;
}

/** The last part of a path of any system. */
export const baseName = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);

interface FinderOptions {
  readonly modelDir: string;
  /** Reads what the directory holds now. */
  readonly look: () => Promise<void>;
}

/** Finds the checkpoint to read: the latest or the best, or an intact one in its place. */
export class CheckpointFinder {
  readonly #store: CheckpointStore;
  readonly #modelDir: string;
  readonly #look: () => Promise<void>;

  constructor(store: CheckpointStore, { modelDir, look }: FinderOptions) {
    this.#store = store;
    this.#modelDir = modelDir;
    this.#look = look;
  }

  /** The checkpoints that may be restored without being named, last saved first. */
  candidates(): readonly CheckpointEntry[] {
    return this.#store.saved
      .filter(isCandidate)
      .reverse()
      .flatMap(({ globalStep }) => this.#store.checkpoints.get(globalStep) ?? []);
  }

  /**
   * Reads the chosen checkpoint, or the first of the others for which `read` gives a value. Starts anew
   * if one was not damaged, but deleted meanwhile: another process may train here.
   */
  async firstIntact<T>(
    choice: CheckpointChoice,
    others: () => readonly CheckpointEntry[],
    read: (file: string) => Promise<T | undefined>,
  ): Promise<FirstIntact<T>> {
    for (let attempt = 1; ; attempt++) {
      await this.#look();
      const first = this.#chosen(choice);
      const note = choice === 'best' ? this.#noteOnBest(first) : undefined;
      const files = new Set([first, ...others()].map(({ file }) => file));
      const result = await this.#readFirst(files, read);
      if (attempt === MAX_ATTEMPTS || !(await this.#isAnyDeleted(result.skipped))) {
        return { ...result, note };
      }
    }
  }

  async #readFirst<T>(
    files: Iterable<string>,
    read: (file: string) => Promise<T | undefined>,
  ): Promise<Omit<FirstIntact<T>, 'note'>> {
    const skipped: FailedRead[] = [];
    for (const file of files) {
      try {
        const value = await read(file);
        if (value !== undefined) return { value, file, skipped };
        const error = new Error(`There is no ${file}${GRAPH_SUFFIX}.`);
        skipped.push({ file, reason: error.message, error });
      } catch (error) {
        if (!(error instanceof Error && this.#store.isDamage(error))) throw error;
        skipped.push({ file, reason: error.message, error });
      }
    }
    return { value: undefined, file: undefined, skipped };
  }

  async #isAnyDeleted(skipped: readonly SkippedCheckpoint[]): Promise<boolean> {
    if (skipped.length === 0) return false;
    await this.#look();
    const files = new Set([...this.#store.checkpoints.values()].map(({ file }) => file));
    return skipped.some(({ file }) => !files.has(file));
  }

  /** @throws NoCheckpointError */
  #chosen(choice: CheckpointChoice): CheckpointEntry {
    const entry = choice === 'latest' ? this.#store.latest() : this.#store.best();
    if (entry === undefined) throw this.nothingToRestore();
    return entry;
  }

  /** @throws NoCheckpointError when the directory holds nothing to restore without being named */
  assertExists(): void {
    this.#chosen('latest');
  }

  #noteOnBest({ file, metrics }: CheckpointEntry): string | undefined {
    const candidates = this.#store.saved.filter(isCandidate);
    if (candidates.every((checkpoint) => checkpoint.metrics === undefined)) {
      return `No checkpoint has been validated, so the latest one was restored: ${file}`;
    }
    const names = ['loss', ...this.#store.rankedBy];
    if (names.some((name) => Number.isFinite(metrics?.[name]))) return undefined;
    return `No checkpoint has a finite ${names.at(-1)}, so the latest one was restored: ${file}`;
  }

  /** @param skipped damaged checkpoints */
  nothingToRestore(skipped: readonly SkippedCheckpoint[] = []): NoCheckpointError {
    const damaged = skipped.map(({ reason }) => reason).join(' ');
    const others = describeOthers(this.#store.saved, (globalStep) =>
      baseName(this.#store.checkpoints.get(globalStep)?.file ?? this.#store.fileOf(globalStep)),
    );
    const parts = [
      `No checkpoints to restore from in ${this.#modelDir}`,
      damaged && `: all are damaged. ${damaged}`,
      others.length > 0 &&
        `${damaged ? '' : '.'} Others are restored only by name, with restoreCkpt(): ${others.join(', ')}.`,
    ];
    return new NoCheckpointError(parts.filter(Boolean).join(''));
  }
}
