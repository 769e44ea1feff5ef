/** Why a checkpoint is restored only by its name. */
export interface CheckpointMarks {
  /**
   * True if training continued from an earlier checkpoint and saved another one since, so that the checkpoint saved
   * last does not descend from this one.
   */
  readonly isAbandoned?: true | undefined;
  /** True if the model had NaN or infinite values when it was saved. */
  readonly isNonFinite?: true | undefined;
}

/** A checkpoint's place in the history of training. */
interface Descendant {
  readonly globalStep: number;
  readonly parent?: number | null | undefined;
  readonly isNonFinite?: true | undefined;
}

const byStep = <D extends Descendant>(records: readonly D[]): ReadonlyMap<number, D> =>
  new Map(records.map((record) => [record.globalStep, record]));

/** A record and its ancestors, nearest first. */
function* ancestry<D extends Descendant>(
  records: ReadonlyMap<number, D>,
  descendant: D | undefined,
): Generator<D> {
  const seen = new Set<D>();
  for (let current = descendant; current !== undefined && !seen.has(current); ) {
    seen.add(current);
    yield current;
    const parent: number | null | undefined = current.parent;
    current = parent === null || parent === undefined ? undefined : records.get(parent);
  }
}

/** The checkpoint with the greatest smaller step, among the one saved last and its ancestors. */
const defaultParent = (
  records: ReadonlyMap<number, Descendant>,
  last: Descendant | undefined,
  globalStep: number,
): number | null => {
  let greatest: number | null = null;
  for (const { globalStep: step } of ancestry(records, last))
    if (step < globalStep && (greatest === null || step > greatest)) greatest = step;
  return greatest;
};

/**
 * The parent of a new checkpoint.
 *
 * @param records the stored ones, with their parents, in the order in which they were saved
 * @param parent the step from which training continued; undefined if that is unknown
 * @returns null if it descends from no stored checkpoint
 */
export const parentOf = (
  records: readonly Descendant[],
  globalStep: number,
  parent: number | null | undefined,
): number | null => {
  const stored = byStep(records);
  const replaced = stored.get(globalStep);
  // A checkpoint that replaces its own parent continues from where that did.
  if (parent === globalStep && replaced !== undefined) return replaced.parent ?? null;
  if (parent === null || (parent !== undefined && stored.has(parent))) return parent;
  return defaultParent(stored, records.at(-1), globalStep);
};

/**
 * Completes parents that are not recorded: those of earlier versions of this package and of other programs.
 *
 * @param records in the order in which they were saved
 */
export const withParents = <D extends Descendant>(records: readonly D[]): D[] => {
  const earlier = new Map<number, D>();
  let last: D | undefined;
  let isAscending = true;
  return records.map((record) => {
    const { globalStep, parent } = record;
    isAscending &&= last === undefined || last.globalStep < globalStep;
    const isRecorded = parent === null || (parent !== undefined && earlier.has(parent));
    // The usual case, without a walk through all ancestors.
    const assumed = () =>
      isAscending ? (last?.globalStep ?? null) : defaultParent(earlier, last, globalStep);
    const complete = isRecorded ? record : { ...record, parent: assumed() };
    earlier.set(globalStep, complete);
    last = complete;
    return complete;
  });
};

/** Removes records. Their children take over their parents, so that no line is broken. */
export const withoutRecords = <D extends Descendant>(
  records: readonly D[],
  isRemoved: (record: D) => boolean,
): D[] => {
  const stored = byStep(records);
  return records
    .filter((record) => !isRemoved(record))
    .map((record) => {
      const { parent } = record;
      if (parent === null || parent === undefined) return record;
      for (const ancestor of ancestry(stored, stored.get(parent))) {
        if (isRemoved(ancestor)) continue;
        return ancestor.globalStep === parent ? record : { ...record, parent: ancestor.globalStep };
      }
      return { ...record, parent: null };
    });
};

/** The checkpoint saved last, other than those that are not finite. */
export const latestOf = <D extends Descendant>(records: readonly D[]): D | undefined =>
  records.findLast(({ isNonFinite }) => isNonFinite !== true);

/**
 * The marks of each checkpoint, by step.
 *
 * @param records with their parents, in the order in which they were saved
 */
export const marksOf = (records: readonly Descendant[]): ReadonlyMap<number, CheckpointMarks> => {
  const stored = byStep(records);
  const last = records.at(-1);
  const lineage = new Set(ancestry(stored, latestOf(records) ?? last));
  // A checkpoint that is not finite abandons nothing, and is not abandoned before training continued elsewhere.
  for (const record of ancestry(stored, last)) if (record.isNonFinite) lineage.add(record);
  return new Map(
    records.map((record) => [
      record.globalStep,
      {
        ...(!lineage.has(record) && { isAbandoned: true as const }),
        ...(record.isNonFinite && { isNonFinite: true as const }),
      },
    ]),
  );
};
