import { deepFreeze } from '@elistimator/internal';
import { isBlobName } from '../backends/checkpoint-backend';
import { parseBundleName } from '../bundle/bundle-files';
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import type { CheckpointMetrics } from './ranking';

/** The blob that stores what TensorFlow's own files have no place for. */
export const METADATA_NAME = 'elistimator_meta';

const FORMAT = 'elistimator-checkpoints';
const VERSION = 1;

/** A stored checkpoint. */
export interface CheckpointRecord {
  readonly globalStep: number;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
  readonly metrics?: CheckpointMetrics | undefined;
  /**
   * The step of the checkpoint from which training continued; null if there is none. Undefined in metadata of earlier
   * versions, and for checkpoints of other programs.
   */
  readonly parent?: number | null | undefined;
  /** True if the model had NaN or infinite values. */
  readonly isNonFinite?: true | undefined;
  /** Masked CRC-32C of each attachment, by suffix; undefined if another program saved the checkpoint. */
  readonly attachments?: Readonly<Record<string, number>> | undefined;
}

/** A save in progress. It is committed once its index has been written. */
export interface PendingSave {
  readonly record: CheckpointRecord;
  /** Masked CRC-32C of the index. */
  readonly index: number;
  readonly state: unknown;
}

/** The contents of `elistimator_meta`. */
export interface CheckpointMetadata {
  /** When a manager first opened the directory, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** In the order in which they were saved. */
  readonly records: readonly CheckpointRecord[];
  /** Prefixes that the keep policy dropped, whose blobs may not all be deleted yet. */
  readonly retired: readonly string[];
  /** Attachments' blobs that no record uses any more, which may not all be deleted yet. */
  readonly stale: readonly string[];
  /** Prefixes of recorded checkpoints that lack files, so that what is left of them is not taken for an orphan. */
  readonly damaged: readonly string[];
  /** JSON, opaque to the manager; undefined before the first save. Frozen. */
  readonly state: unknown;
  readonly saving?: PendingSave | undefined;
}

/** The metadata of a directory without checkpoints. */
export const metadataOf = (startedAt: number): CheckpointMetadata => ({
  startedAt,
  records: [],
  retired: [],
  stale: [],
  damaged: [],
  state: undefined,
});

/** True for suffixes that attachments may have: those that TensorFlow and the manager do not use themselves. */
export const isAttachmentSuffix = (suffix: string): boolean =>
  /^\.[\w.-]{1,64}$/.test(suffix) &&
  !/^\.(index|data-|next\.)/.test(suffix) &&
  parseBundleName(`x${suffix}`) === undefined;

const mapValues = <V, W>(
  from: Readonly<Record<string, V>>,
  change: (value: V) => W,
): Record<string, W> =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]));

const formatMetric = (value: number): number | string =>
  Number.isFinite(value) ? value : String(value);

const formatRecord = ({ metrics, isNonFinite, ...record }: CheckpointRecord) => ({
  ...record,
  ...(isNonFinite && { nonFinite: true }),
  ...(metrics && { metrics: mapValues(metrics, formatMetric) }),
});

/**
 * The text of `elistimator_meta`. Metrics that JSON cannot represent become "NaN", "Infinity", "-Infinity".
 *
 * Fields that were added since version 1 are optional, and earlier versions of this package ignore them.
 */
export const formatMetadata = ({
  startedAt,
  records,
  retired,
  stale,
  damaged,
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
    ...(damaged.length > 0 && { damaged }),
    state,
    saving: saving && { ...saving, record: formatRecord(saving.record) },
  };
  return `${JSON.stringify(file, null, 2)}\n`;
};

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads values of the parsed text; each failure names the file and the value. */
class MetadataParser {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  fail(where: string, expected: string, actual: unknown, cause?: unknown): never {
    throw new CorruptCheckpointError(
      this.#file,
      undefined,
      `${where} to be ${expected}`,
      typeof actual === 'object' ? 'a different value' : String(JSON.stringify(actual)),
      {
        fix: 'Copy the file again. Without it, the checkpoints can be restored, but their metrics and the state of the estimator are unknown.',
        cause,
      },
    );
  }

  fields(where: string, value: unknown): Fields {
    return isFields(value) ? value : this.fail(where, 'an object', value);
  }

  list(where: string, value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : this.fail(where, 'a list', value);
  }

  time(where: string, value: unknown): number {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    return this.fail(where, 'milliseconds since the epoch', value);
  }

  integer(where: string, value: unknown): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    return this.fail(where, 'an integer of at least 0', value);
  }

  blobName(where: string, value: unknown): string {
    return typeof value === 'string' && isBlobName(value)
      ? value
      : this.fail(where, 'a plain file name', value);
  }

  metric(where: string, value: unknown): number {
    if (typeof value === 'number') return value;
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
    return this.fail(where, 'a number', value);
  }

  metrics(where: string, value: unknown): Record<string, number> {
    return mapValues(this.fields(where, value), (metric) => this.metric(where, metric));
  }

  attachments(where: string, value: unknown): Record<string, number> {
    const fields = this.fields(where, value);
    const invalid = Object.keys(fields).find((suffix) => !isAttachmentSuffix(suffix));
    if (invalid !== undefined) this.fail(where, 'sums by suffixes such as ".meta"', invalid);
    return mapValues(fields, (sum) => this.integer(where, sum));
  }

  record(where: string, value: unknown): CheckpointRecord {
    const { globalStep, prefix, savedAt, metrics, attachments, parent, nonFinite } = this.fields(
      where,
      value,
    );
    return {
      globalStep: this.integer(`${where}.globalStep`, globalStep),
      prefix: this.blobName(`${where}.prefix`, prefix),
      savedAt: this.time(`${where}.savedAt`, savedAt),
      ...(parent !== undefined && {
        parent: parent === null ? null : this.integer(`${where}.parent`, parent),
      }),
      ...(nonFinite === true && { isNonFinite: true }),
      ...(metrics !== undefined && { metrics: this.metrics(`${where}.metrics`, metrics) }),
      ...(attachments !== undefined && {
        attachments: this.attachments(`${where}.attachments`, attachments),
      }),
    };
  }

  pendingSave(where: string, value: unknown): PendingSave {
    const { record, index, state } = this.fields(where, value);
    return {
      record: this.record(`${where}.record`, record),
      index: this.integer(`${where}.index`, index),
      state: deepFreeze(state),
    };
  }
}

/**
 * Parses the text of `elistimator_meta` and validates every value.
 *
 * @param file its location, for errors
 * @throws CorruptCheckpointError; UnsupportedCheckpointError if a later version of this package wrote it
 */
export const parseMetadata = (file: string, text: string): CheckpointMetadata => {
  const parser = new MetadataParser(file);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    parser.fail('the file', 'JSON', text.slice(0, 20), cause);
  }
  const fields = parser.fields('the file', parsed);
  if (fields.format !== FORMAT) parser.fail('format', `"${FORMAT}"`, fields.format);
  const version = parser.integer('version', fields.version);
  if (version > VERSION) {
    throw new UnsupportedCheckpointError(
      file,
      undefined,
      `version ${VERSION}`,
      `${version}`,
      'Update @elistimator/checkpoint.',
    );
  }
  const records = parser
    .list('checkpoints', fields.checkpoints)
    .map((value, index) => parser.record(`checkpoints[${index}]`, value));
  if (new Set(records.map(({ globalStep }) => globalStep)).size < records.length)
    parser.fail('checkpoints', 'one per global step', 'two of the same step');
  return {
    startedAt: parser.time('startedAt', fields.startedAt),
    records,
    retired: parser
      .list('retired', fields.retired ?? [])
      .map((value) => parser.blobName('retired', value)),
    stale: parser.list('stale', fields.stale ?? []).map((value) => parser.blobName('stale', value)),
    damaged: parser
      .list('damaged', fields.damaged ?? [])
      .map((value) => parser.blobName('damaged', value)),
    state: deepFreeze(fields.state),
    ...(fields.saving !== undefined && { saving: parser.pendingSave('saving', fields.saving) }),
  };
};
