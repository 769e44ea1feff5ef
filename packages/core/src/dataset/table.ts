import { sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { type Element, isTensor, type Layout, openContainer } from './element';
import { DatasetError } from './errors';
import {
  allocateLike,
  type HostArray,
  type HostValue,
  hostArrayOf,
  isNumericArray,
  type NumericArray,
  sliceValues,
} from './host-array';

/** A column: a tensor, or values whose first dimension is the row. */
export type Column = tf.Tensor | Exclude<HostValue, number | boolean | string>;

/** Columns of equal length, in the host's memory. */
export interface Table {
  readonly layout: Layout;
  /** Rows. */
  readonly length: number;
  /** In the order of the layout's keys; the first dimension is the row. */
  readonly columns: readonly HostArray[];
}

/** The values of a tensor. Strings come as bytes: dataSync() would decode them, and lose what isn't UTF-8. */
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
    fix: 'Give its parts as two columns: tf.real(x) and tf.imag(x).',
  });
};

/**
 * Reads columns into a table. Typed arrays are referred to; tensors are read and stay the caller's.
 *
 * @param columns a dictionary or a tuple of columns
 * @throws DatasetError when a column is none, has no dimensions, or has another length than the first
 */
export const tableOf = (columns: unknown): Table => {
  const { layout, values } = openContainer(columns, 'fromTensorSlices(columns)');
  const read = values.map((value, position) => {
    const subject = `column "${layout.keys[position]}"`;
    return isTensor(value) ? readTensor(value, subject) : hostArrayOf(value, subject);
  });
  const length = read[0]?.shape[0] ?? 0;
  read.forEach(({ shape }, position) => {
    if (shape[0] === length) return;
    throw new DatasetError({
      subject: `column "${layout.keys[position]}"`,
      expected:
        position === 0 ? 'a first dimension' : `${length} rows, as in column "${layout.keys[0]}"`,
      actual: shape[0] === undefined ? 'a scalar' : `${shape[0]} rows`,
      fix: 'Give all columns the same number of rows; a flat typed array of rows needs its shape: { data, shape: [rows, …] }.',
    });
  });
  return { layout, length, columns: read };
};

/** One row, as views into the columns. */
export const rowOf = ({ layout, columns }: Table, row: number): Element => ({
  layout,
  members: columns.map(({ dtype, shape, data }) => {
    const rowShape = shape.slice(1);
    const size = sizeOf(rowShape);
    return { dtype, shape: rowShape, data: sliceValues(data, row * size, (row + 1) * size) };
  }),
});

/** Rows in the order given, stacked: views where the rows follow each other, else one copy a column. */
export const gather = ({ layout, columns }: Table, rows: readonly number[]): Element => {
  const first = rows[0] ?? 0;
  const isRun = rows.every((row, position) => row === first + position);
  return {
    layout,
    members: columns.map(({ dtype, shape, data }) => {
      const rowSize = sizeOf(shape.slice(1));
      return {
        dtype,
        shape: [rows.length, ...shape.slice(1)],
        data: isRun
          ? sliceValues(data, first * rowSize, (first + rows.length) * rowSize)
          : isNumericArray(data)
            ? gatherNumbers(data, rows, rowSize)
            : rows.flatMap((row) => data.slice(row * rowSize, (row + 1) * rowSize)),
      };
    }),
  };
};

/** Below this many values a loop beats the call of TypedArray.set. */
const shortRow = 16;

const gatherNumbers = (
  data: NumericArray,
  rows: readonly number[],
  rowSize: number,
): NumericArray => {
  const gathered = allocateLike(data, rows.length * rowSize);
  let filled = 0;
  for (const row of rows) {
    const start = row * rowSize;
    if (rowSize < shortRow) {
      for (let value = 0; value < rowSize; value++)
        gathered[filled + value] = data[start + value] ?? 0;
    } else {
      gathered.set(data.subarray(start, start + rowSize), filled);
    }
    filled += rowSize;
  }
  return gathered;
};
