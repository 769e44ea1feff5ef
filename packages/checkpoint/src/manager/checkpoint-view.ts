import type { SavedCheckpoint } from './keep-policies';
import { type CheckpointMarks, marksOf } from './lineage';
import type { CheckpointMetadata, CheckpointRecord } from './metadata';
import type { CheckpointMetrics } from './ranking';

/** A stored checkpoint that can be restored. Frozen. */
export interface CheckpointEntry extends CheckpointMarks {
  /** The checkpoint's prefix: `…/checkpoints/model_iter-3216`. */
  readonly file: string;
  /** Present once validation has run at the checkpoint's step. Frozen. */
  readonly metrics?: CheckpointMetrics | undefined;
}

/** The records as keep policies and users see them: frozen, with their marks, in the same order. */
export const savedCheckpoints = (
  records: readonly CheckpointRecord[],
): readonly SavedCheckpoint[] => {
  const marks = marksOf(records);
  return Object.freeze(
    records.map(({ globalStep, savedAt, metrics }) =>
      Object.freeze({
        globalStep,
        savedAt,
        ...(metrics && { metrics: Object.freeze({ ...metrics }) }),
        ...marks.get(globalStep),
      }),
    ),
  );
};

/** What a manager hands out of its metadata. */
export interface CheckpointView {
  readonly source: CheckpointMetadata;
  readonly saved: readonly SavedCheckpoint[];
  /** By ascending global step. */
  readonly entries: ReadonlyMap<number, CheckpointEntry>;
}

export const viewOf = (
  source: CheckpointMetadata,
  resolve: (prefix: string) => string,
): CheckpointView => {
  const { records } = source;
  const saved = savedCheckpoints(records);
  const entries = saved.map(({ globalStep, savedAt: _, ...rest }, index) => {
    const file = resolve(records[index]?.prefix ?? '');
    return [globalStep, Object.freeze({ file, ...rest })] as const;
  });
  return { source, saved, entries: new Map(entries.sort(([a], [b]) => a - b)) };
};
