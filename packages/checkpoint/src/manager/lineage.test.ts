import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestOf, marksOf, parentOf, withoutRecords, withParents } from './lineage';
import type { CheckpointRecord } from './metadata';

const recordOf = (globalStep: number, more: Partial<CheckpointRecord> = {}): CheckpointRecord => ({
  globalStep,
  prefix: `model_iter-${globalStep}`,
  savedAt: 0,
  ...more,
});

const lineageOf = (records: readonly CheckpointRecord[]): readonly number[] => {
  const marks = marksOf(records);
  return records
    .map(({ globalStep }) => globalStep)
    .filter((step) => !marks.get(step)?.isAbandoned);
};

const parentsOf = (records: readonly CheckpointRecord[]) =>
  records.map(({ globalStep, parent }) => [globalStep, parent]);

describe('lineage', () => {
  it('assumes the parents that metadata of earlier versions lacks', () => {
    const records = withParents([10, 20, 30, 15].map((step) => recordOf(step)));
    expect(parentsOf(records)).toEqual([
      [10, null],
      [20, 10],
      [30, 20],
      [15, 10],
    ]);
    expect(lineageOf(records)).toEqual([10, 15]);
    // 40 continues from 15, although 30 is greater: it was abandoned.
    const more = withParents([10, 20, 30, 15, 40].map((step) => recordOf(step)));
    expect(lineageOf(more)).toEqual([10, 15, 40]);
  });

  it('assumes parents in place of those that do not exist or were saved later', () => {
    const records = [recordOf(10, { parent: 30 }), recordOf(20, { parent: 7 }), recordOf(30)];
    expect(parentsOf(withParents(records))).toEqual([
      [10, null],
      [20, 10],
      [30, 20],
    ]);
  });

  it('finds the parent of a save', () => {
    const records = withParents([10, 20, 30].map((step) => recordOf(step)));
    expect(parentOf(records, 15, undefined)).toBe(10);
    expect(parentOf(records, 40, undefined)).toBe(30);
    expect(parentOf(records, 5, undefined)).toBeNull();
    expect(parentOf(records, 15, 20)).toBe(20);
    expect(parentOf(records, 40, null)).toBeNull();
    // A step that is not stored any more.
    expect(parentOf(records, 40, 25)).toBe(30);
    // Saved again without training in between.
    expect(parentOf(records, 30, 30)).toBe(20);
    expect(parentOf([], 10, undefined)).toBeNull();
  });

  it('does not end at a checkpoint that is not finite, unless there is no other', () => {
    const records = withParents([recordOf(10), recordOf(20), recordOf(30, { isNonFinite: true })]);
    expect(latestOf(records)?.globalStep).toBe(20);
    expect(lineageOf(records)).toEqual([10, 20, 30]);
    const elsewhere = withParents([...records, recordOf(25, { parent: 20 })]);
    expect(lineageOf(elsewhere)).toEqual([10, 20, 25]);
    expect(lineageOf([recordOf(10, { parent: null, isNonFinite: true })])).toEqual([10]);
    // A restored checkpoint and a save that is not finite abandon nothing.
    const tried = withParents([...records, recordOf(15, { parent: 10, isNonFinite: true })]);
    expect(latestOf(tried)?.globalStep).toBe(20);
    expect(lineageOf(tried)).toEqual([10, 20, 15]);
  });

  it('is never broken by dropped and replaced checkpoints', () => {
    interface Save {
      readonly globalStep: number;
      /** Which of the stored checkpoints it continues from. */
      readonly from: number;
      readonly drops: readonly number[];
    }
    const save: fc.Arbitrary<Save> = fc.record({
      globalStep: fc.nat(12),
      from: fc.nat(20),
      drops: fc.array(fc.nat(12), { maxLength: 2 }),
    });
    /** Every save that was ever made, with the save that it continued from. */
    interface Node {
      readonly id: number;
      readonly globalStep: number;
      readonly before: Node | undefined;
    }
    fc.assert(
      fc.property(fc.array(save, { minLength: 1, maxLength: 25 }), (saves) => {
        let records: readonly CheckpointRecord[] = [];
        const nodes = new Map<number, Node>();
        let last: Node | undefined;
        for (const [id, { globalStep, from, drops }] of saves.entries()) {
          const parent = records[from]?.globalStep;
          const before = parent === undefined ? undefined : nodes.get(parent);
          const record = recordOf(globalStep, {
            parent: parentOf(records, globalStep, parent ?? null),
          });
          const kept = withoutRecords(records, (other) => other.globalStep === globalStep);
          const isDropped = (other: CheckpointRecord) =>
            other !== record && drops.includes(other.globalStep);
          records = withoutRecords([...kept, record], isDropped);
          // Replacing a checkpoint by one that continued from itself keeps its place.
          const isSelf = parent === globalStep;
          last = { id, globalStep, before: isSelf ? before?.before : before };
          for (const step of drops) if (step !== globalStep) nodes.delete(step);
          nodes.set(globalStep, last);
        }
        const expected: number[] = [];
        for (let node = last; node !== undefined; node = node.before)
          if (nodes.get(node.globalStep)?.id === node.id) expected.push(node.globalStep);
        expect(lineageOf(records).toSorted()).toEqual(expected.toSorted());
        expect(withParents(records)).toEqual(records);
      }),
    );
  });
});
