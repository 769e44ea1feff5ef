import { sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { type Element, isTensor, type Layout, openContainer, releaseElement } from './element';
import { DatasetError } from './errors';
import { disposedError, isDisposed } from './hand-over';
import {
  allocateLike,
  type HostArray,
  type HostValue,
  hostArrayOf,
  isNumericArray,
  type NumericArray,
  sliceValues,
} from './host-array';
import type { InputSignature } from './input-signature';
import { andThen, type Plan } from './stage';

/** A column: a tensor, or values whose first dimension is the row. */
export type Column = tf.Tensor | Exclude<HostValue, number | boolean | string>;

/** Columns of equal length, in host memory. */
export interface Table {
  readonly layout: Layout;
  /** The number of rows. */
  readonly length: number;
  /** In the order of the layout's keys. The first dimension of each is the row. */
  readonly columns: readonly HostArray[];
}

/** What was done to a source, for messages. */
interface History {
  /** Whether batch() was called. */
  readonly isBatched: boolean;
  /** Whether a shuffle() has another order in each epoch. */
  readonly isReshuffled: boolean;
}

/** The numbers of a table's rows. Nothing else flows until a batch is gathered. */
interface RowSource extends History {
  readonly table: Table;
  readonly plan: Plan<number>;
  readonly spec: InputSignature;
}

interface ElementSource extends History {
  readonly table?: undefined;
  readonly plan: Plan<Element>;
  /** undefined if unknown without running the plan. */
  readonly spec: InputSignature | undefined;
}

/** What a dataset is made of. */
export type Source = RowSource | ElementSource;

/** All rows of a table, in order. */
export const tableSource = (table: Table): RowSource => ({
  table,
  isBatched: false,
  isReshuffled: false,
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

/** Applies an operator that does not look at the elements. */
export const transform = (source: Source, operator: <E>(plan: Plan<E>) => Plan<E>): Source =>
  source.table
    ? { ...source, plan: operator(source.plan) }
    : { ...source, plan: operator(source.plan) };

/** The elements of a source. Those of a table are views of its rows. */
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

/** Reads a tensor's values. Strings are read as bytes: dataSync() would decode them as UTF-8. */
const readTensor = (tensor: tf.Tensor, subject: string): HostArray => {
  const { dtype, shape, dataId } = tensor;
  if (dtype === 'string') {
    return { dtype, shape, data: tf.engine().readSync(dataId) as Uint8Array[] };
  }
  if (dtype !== 'complex64') return { dtype, shape, data: tensor.dataSync<'float32'>() };
  throw new DatasetError({
    subject,
    expected: 'dtype float32, int32, bool or string',
    actual: 'complex64',
    fix: 'Pass its parts as two columns: tf.real(x) and tf.imag(x).',
  });
};

/**
 * Reads columns into a table. Typed arrays are not copied. Tensors are read at once and remain the caller's.
 *
 * @param columns a dictionary or a tuple of columns
 * @throws DatasetError that names the column that cannot be read, has no dimensions, or differs in length
 */
export const tableOf = (columns: unknown): Table => {
  const { layout, values } = openContainer(columns, 'fromTensorSlices(columns)');
  const arrays = values.map((value, position) => {
    const subject = `column "${layout.keys[position]}"`;
    if (isDisposed(value)) {
      throw disposedError(subject, 'Create the dataset first, or pass the tensor to tf.keep().');
    }
    return isTensor(value) ? readTensor(value, subject) : hostArrayOf(value, subject);
  });
  const length = arrays[0]?.shape[0] ?? 0;
  arrays.forEach(({ shape }, position) => {
    if (shape[0] === length) return;
    throw new DatasetError({
      subject: `column "${layout.keys[position]}"`,
      expected:
        position === 0 ? 'a first dimension' : `${length} rows, as in column "${layout.keys[0]}"`,
      actual: shape[0] === undefined ? 'a scalar' : `${shape[0]} rows`,
      fix: 'All columns must have the same number of rows. Pass a flat typed array with several values per row as { data, shape: [rows, …] }.',
    });
  });
  return { layout, length, columns: arrays };
};

/** One row, as views of the columns. */
export const rowOf = ({ layout, columns }: Table, row: number): Element => ({
  layout,
  members: columns.map(({ dtype, shape, data }) => {
    const rowShape = shape.slice(1);
    const size = sizeOf(rowShape);
    return { dtype, shape: rowShape, data: sliceValues(data, row * size, (row + 1) * size) };
  }),
});

/** Stacks rows in the given order: as views if they are consecutive, otherwise as one copy per column. */
export const gatherRows = ({ layout, columns }: Table, rows: readonly number[]): Element => {
  const first = rows[0] ?? 0;
  const areConsecutive = rows.every((row, position) => row === first + position);
  return {
    layout,
    members: columns.map(({ dtype, shape, data }) => {
      const rowSize = sizeOf(shape.slice(1));
      return {
        dtype,
        shape: [rows.length, ...shape.slice(1)],
        data: areConsecutive
          ? sliceValues(data, first * rowSize, (first + rows.length) * rowSize)
          : isNumericArray(data)
            ? gatherNumbers(data, rows, rowSize)
            : rows.flatMap((row) => data.slice(row * rowSize, (row + 1) * rowSize)),
      };
    }),
  };
};

/** Below this many values, a loop is faster than a call of TypedArray.set. */
const SHORT_ROW = 16;

const gatherNumbers = (
  data: NumericArray,
  rows: readonly number[],
  rowSize: number,
): NumericArray => {
  const gathered = allocateLike(data, rows.length * rowSize);
  let filled = 0;
  for (const row of rows) {
    const start = row * rowSize;
    if (rowSize < SHORT_ROW) {
      for (let value = 0; value < rowSize; value++)
        gathered[filled + value] = data[start + value] ?? 0;
    } else {
      gathered.set(data.subarray(start, start + rowSize), filled);
    }
    filled += rowSize;
  }
  return gathered;
};
