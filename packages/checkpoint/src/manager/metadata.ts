import { isBlobName } from '../backends/checkpoint-backend';
import { parseBundleName } from '../bundle/bundle-files';
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import type { CheckpointMetrics } from './keep-policies';

type Fields = Readonly<Record<string, unknown>>;

/** Checks the parsed text piece by piece; every failure names the file and the piece. */
class Checker {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  fail(where: string, expected: string, actual: unknown, cause?: unknown): never {
    const fix =
      'Delete the file to go on from the checkpoints alone; metrics and the estimator state are lost.';
    const shown = typeof actual === 'object' ? 'something else' : JSON.stringify(actual);
    throw new CorruptCheckpointError(
      this.#file,
      undefined,
      `${where} to be ${expected}`,
      `${shown}`,
      { fix, cause },
    );
  }

  fields(where: string, value: unknown): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.fail(where, 'an object', value);
    return value as Fields;
  }

  list(where: string, value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : this.fail(where, 'a list', value);
  }

  time(where: string, value: unknown): number {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    return this.fail(where, 'milliseconds since the epoch', value);
  }

  whole(where: string, value: unknown): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    return this.fail(where, 'a whole number from 0', value);
  }

  prefix(where: string, value: unknown): string {
    return typeof value === 'string' && isBlobName(value)
      ? value
      : this.fail(where, 'a plain file name', value);
  }

  metric(where: string, value: unknown): number {
    if (typeof value === 'number') return value;
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
    return this.fail(where, 'a number', value);
  }

  record(where: string, value: unknown): CheckpointRecord {
    const fields = this.fields(where, value);
    const metrics =
      fields.metrics === undefined ? undefined : this.fields(`${where}.metrics`, fields.metrics);
    const attachments =
      fields.attachments === undefined
        ? undefined
        : this.fields(`${where}.attachments`, fields.attachments);
    for (const suffix of Object.keys(attachments ?? {})) {
      if (!isAttachmentSuffix(suffix))
        this.fail(`${where}.attachments`, 'suffixes as ".meta"', suffix);
    }
    return {
      globalStep: this.whole(`${where}.globalStep`, fields.globalStep),
      prefix: this.prefix(`${where}.prefix`, fields.prefix),
      savedAt: this.time(`${where}.savedAt`, fields.savedAt),
      ...(metrics && {
        metrics: mapValues(metrics, (metric) => this.metric(`${where}.metrics`, metric)),
      }),
      ...(attachments && {
        attachments: mapValues(attachments, (sum) => this.whole(`${where}.attachments`, sum)),
      }),
    };
  }

  pending(where: string, value: unknown): PendingSave {
    const { record, index, state } = this.fields(where, value);
    return {
      record: this.record(`${where}.record`, record),
      index: this.whole(`${where}.index`, index),
      state,
    };
  }
}

/**
 * Reads the text of `elistimator_meta`, and checks every piece of it.
 *
 * @param file where it lies, for errors
 * @throws CorruptCheckpointError; UnsupportedCheckpointError when a later version of this package wrote it
 */
export const parseMetadata = (file: string, text: string): CheckpointMetadata => {
  const check = new Checker(file);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    check.fail('the file', 'JSON', text.slice(0, 20), cause);
  }
  const fields = check.fields('the file', parsed);
  if (fields.format !== FORMAT) check.fail('format', `"${FORMAT}"`, fields.format);
  if (check.whole('version', fields.version) > VERSION) {
    const fix = 'Update @elistimator/checkpoint.';
    throw new UnsupportedCheckpointError(
      file,
      undefined,
      `version ${VERSION}`,
      `${fields.version}`,
      fix,
    );
  }
  const records = check
    .list('checkpoints', fields.checkpoints)
    .map((value, index) => check.record(`checkpoints[${index}]`, value));
  if (new Set(records.map(({ globalStep }) => globalStep)).size < records.length) {
    check.fail('checkpoints', 'one for each global step', 'two of one step');
  }
  return {
    startedAt: check.time('startedAt', fields.startedAt),
    records,
    retired: check
      .list('retired', fields.retired ?? [])
      .map((value) => check.prefix('retired', value)),
    stale: check.list('stale', fields.stale ?? []).map((value) => check.prefix('stale', value)),
    state: fields.state,
    ...(fields.saving !== undefined && { saving: check.pending('saving', fields.saving) }),
  };
};

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
