import { parseBundleName } from '../bundle/bundle-names';
import type { CheckpointMetrics } from '../policies';

/** The blob that holds what the manager knows beyond TensorFlow's own files. */
export const METADATA_NAME = 'elistimator_meta';

/** A checkpoint as the manager remembers it. */
export interface CheckpointRecord {
  readonly globalStep: number;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
  readonly metrics?: CheckpointMetrics | undefined;
  /** Masked CRC-32C of each attachment, by suffix; undefined when others saved it, and what it has is unknown. */
  readonly attachments?: Readonly<Record<string, number>> | undefined;
}

/** A save under way. It counts from the moment when its index is in its place, whatever happens after that. */
export interface PendingSave {
  readonly record: CheckpointRecord;
  /** Masked CRC-32C of the index. */
  readonly index: number;
  readonly state: unknown;
}

/** What `elistimator_meta` holds. */
export interface CheckpointMetadata {
  /** When the first manager of the directory was opened, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** In the order in which they were saved. */
  readonly records: readonly CheckpointRecord[];
  /** Prefixes that the policy dropped, whose blobs may not all be deleted yet. */
  readonly retired: readonly string[];
  /** Blobs of attachments that belonged to a record and do no more, which may not all be deleted yet. */
  readonly stale: readonly string[];
  /** Plain JSON, opaque to the manager; undefined when there is none. */
  readonly state: unknown;
  readonly saving?: PendingSave | undefined;
}

export const FORMAT = 'elistimator-checkpoints';
export const VERSION = 1;

/** A suffix of a checkpoint's prefix that an attachment may have. */
export const isAttachmentSuffix = (suffix: string): boolean =>
  /^\.[\w.-]{1,64}$/.test(suffix) &&
  !/^\.(index|data-|next\.)/.test(suffix) &&
  parseBundleName(`x${suffix}`) === undefined;

const writeMetric = (value: number): number | string =>
  Number.isFinite(value) ? value : String(value);

/** Changes every value of a record. */
export const mapValues = <V, W>(
  from: Readonly<Record<string, V>>,
  change: (value: V) => W,
): Record<string, W> =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]));

const formatRecord = ({ metrics, ...record }: CheckpointRecord) => ({
  ...record,
  ...(metrics && { metrics: mapValues(metrics, writeMetric) }),
});

/** The text of `elistimator_meta`. Metrics that JSON has no numbers for become "NaN", "Infinity", "-Infinity". */
export const formatMetadata = ({
  startedAt,
  records,
  retired,
  stale,
  state,
  saving,
}: CheckpointMetadata): string => {
  const checkpoints = records.map(formatRecord);
  const file = {
    format: FORMAT,
    version: VERSION,
    startedAt,
    checkpoints,
    retired,
    stale,
    state,
    saving: saving && { ...saving, record: formatRecord(saving.record) },
  };
  return `${JSON.stringify(file, null, 2)}\n`;
};
