import { type Element, releaseElement } from './element';
import { DatasetError } from './errors';
import { formatSpec, type InputSignature } from './input-signature';
import { andThen, type Plan } from './stage';
import { rowOf, type Table } from './table';

/** Row numbers of a table: nothing else flows until a batch is gathered. */
interface RowSource {
  readonly table: Table;
  readonly plan: Plan<number>;
  readonly spec: InputSignature;
}

/** Elements on their own. */
interface ElementSource {
  readonly table?: undefined;
  readonly plan: Plan<Element>;
  /** undefined when only running the plan would tell. */
  readonly spec: InputSignature | undefined;
}

/** What a dataset is made of. */
export type Source = RowSource | ElementSource;

/** All rows of a table, in order. */
export const tableSource = (table: Table): RowSource => ({
  table,
  spec: Object.fromEntries(
    table.columns.map(({ dtype, shape }, position) => [
      table.layout.keys[position] ?? '',
      { dtype, shape: shape.slice(1) },
    ]),
  ),
  plan: {
    size: table.length,
    release: () => {},
    open: ({ skip }) => {
      let row = skip;
      return {
        next: () => (row < table.length ? row++ : undefined),
        close: () => {},
      };
    },
  },
});

/** Applies an operator that doesn't look at what flows. */
export const transform = (source: Source, operator: <E>(plan: Plan<E>) => Plan<E>): Source =>
  source.table
    ? { ...source, plan: operator(source.plan) }
    : { ...source, plan: operator(source.plan) };

/** A source's elements; of rows, views into the table. */
export const elementsOf = ({ table, plan }: Source): Plan<Element> => {
  if (!table) return plan;
  return {
    size: plan.size,
    release: releaseElement,
    open: (start) => {
      const rows = plan.open(start);
      return {
        next: () =>
          andThen(rows.next(), (row) => (row === undefined ? undefined : rowOf(table, row))),
        close: () => rows.close(),
      };
    },
  };
};

/**
 * What is known of elements that come from either of two sources.
 *
 * @throws DatasetError when their members have other names or dtypes
 */
export const mergeSpecs = (
  first: InputSignature | undefined,
  second: InputSignature | undefined,
): InputSignature | undefined => {
  if (!first || !second) return undefined;
  const keys = Object.keys(first);
  if (keys.join() !== Object.keys(second).join()) {
    throw new DatasetError({
      subject: 'concatenate(other)',
      expected: `elements with the members ${keys.join(', ')}`,
      actual: Object.keys(second).join(', '),
      fix: 'Give both datasets the same members, with map() if need be.',
    });
  }
  const merged: Record<string, InputSignature[string]> = {};
  for (const key of keys) {
    const [a, b] = [first[key], second[key]];
    if (!a || !b || a.shape.length !== b.shape.length) return undefined;
    if (a.dtype !== b.dtype) {
      throw new DatasetError({
        subject: `concatenate(other), member "${key}"`,
        expected: formatSpec(a),
        actual: formatSpec(b),
        fix: 'Cast one of them with map().',
      });
    }
    const shape = a.shape.map((size, axis) => (size === b.shape[axis] ? size : null));
    merged[key] = { dtype: a.dtype, shape };
  }
  return merged;
};
