import {
  didYouMean,
  ExplainedError,
  ExplainedRangeError,
  ExplainedTypeError,
  listNames,
} from '@elistimator/internal';

const subjectOf = (file: string, tensor: string | undefined): string =>
  tensor === undefined ? file : `${file}, tensor "${tensor}"`;

/** Shows a value in an error message: strings in quotes, objects by their class. */
export const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return value.constructor?.name ?? 'Object';
};

/** A checkpoint exists but is damaged: truncated, overwritten, or with flipped bits. */
export class CorruptCheckpointError extends ExplainedError {
  override readonly name = 'CorruptCheckpointError';
  /** The damaged file. */
  readonly file: string;
  /** The tensor whose bytes are damaged; undefined if the damage is outside any tensor. */
  readonly tensor: string | undefined;

  constructor(
    file: string,
    tensor: string | undefined,
    expected: string,
    actual: string,
    options: { readonly fix?: string; readonly cause?: unknown } = {},
  ) {
    const fix =
      options.fix ?? 'The checkpoint is damaged: restore another one, or copy this one again.';
    super({ subject: subjectOf(file, tensor), expected, actual, fix }, { cause: options.cause });
    this.file = file;
    this.tensor = tensor;
  }
}

/** No checkpoint has this prefix. */
export class CheckpointNotFoundError extends ExplainedError {
  override readonly name = 'CheckpointNotFoundError';
  /** The requested prefix. */
  readonly file: string;

  constructor(file: string, options: { readonly cause?: unknown } = {}) {
    super(
      {
        subject: `checkpoint ${file}`,
        expected: `the file ${file}.index`,
        actual: 'none',
        fix: 'Pass the prefix that saving returned, without ".index" or ".data-…".',
      },
      options,
    );
    this.file = file;
  }
}

/** A checkpoint has no tensor with this name. */
export class TensorNotFoundError extends ExplainedRangeError {
  override readonly name = 'TensorNotFoundError';
  /** The checkpoint's prefix. */
  readonly file: string;
  readonly tensor: string;

  constructor(file: string, tensor: string, names: readonly string[]) {
    super({
      subject: `checkpoint ${file}`,
      expected: `a tensor "${tensor}"`,
      actual: names.length === 0 ? 'no tensors' : listNames(names, 10),
      fix: 'Pass a name that variables() lists.',
    });
    this.file = file;
    this.tensor = tensor;
  }
}

/** A checkpoint appears to be intact but uses a feature that this package does not read. */
export class UnsupportedCheckpointError extends ExplainedError {
  override readonly name = 'UnsupportedCheckpointError';
  readonly file: string;
  readonly tensor: string | undefined;

  constructor(
    file: string,
    tensor: string | undefined,
    expected: string,
    actual: string,
    fix: string,
  ) {
    super({ subject: subjectOf(file, tensor), expected, actual, fix });
    this.file = file;
    this.tensor = tensor;
  }
}

/** The name, dtype, shape and data of a tensor to save are inconsistent. */
export class InvalidTensorError extends ExplainedTypeError {
  override readonly name = 'InvalidTensorError';
  readonly tensor: string;

  constructor(tensor: string, expected: string, actual: string, fix: string) {
    super({ subject: `tensor "${tensor}"`, expected, actual, fix });
    this.tensor = tensor;
  }
}

/** A name that a blob must not have, for example because it leads out of the directory. */
export class InvalidBlobNameError extends ExplainedRangeError {
  override readonly name = 'InvalidBlobNameError';
  readonly blob: string;

  constructor(blob: string, actual: string) {
    super({
      subject: `blob name ${show(blob)}`,
      expected: 'a plain file name of 1 to 255 UTF-8 bytes',
      actual,
      fix: 'Choose a name without path separators that the backend does not reserve.',
    });
    this.blob = blob;
  }
}

/** A backend has no blob with this name. */
export class BlobNotFoundError extends ExplainedError {
  override readonly name = 'BlobNotFoundError';
  /** The location of the missing blob, as `CheckpointBackend.resolve` returns it. */
  readonly file: string;

  constructor(file: string, options: { readonly cause?: unknown } = {}) {
    super(
      {
        subject: file,
        expected: 'a blob',
        actual: 'none',
        fix: 'Call list() of the backend to see which blobs it stores.',
      },
      options,
    );
    this.file = file;
  }
}

/** Another writer has locked the directory. */
export class DirectoryLockedError extends ExplainedError {
  override readonly name = 'DirectoryLockedError';
  readonly directory: string;
  /** The process id of the lock's holder. */
  readonly pid: number;
  /** The host name of the lock's holder. */
  readonly host: string;

  constructor(
    directory: string,
    holder: { readonly pid: number; readonly host: string },
    lockFile: string,
  ) {
    super({
      subject: `checkpoint directory ${directory}`,
      expected: 'no other writer',
      actual: `a lock held by process ${holder.pid} on host ${holder.host}`,
      fix: `Save into another directory, or close the other writer. If that process no longer exists, delete ${lockFile}.`,
    });
    this.directory = directory;
    this.pid = holder.pid;
    this.host = holder.host;
  }
}

/** Checkpoints are ranked by a metric that no recorded validation has. */
export class UnknownMetricError extends ExplainedRangeError {
  override readonly name = 'UnknownMetricError';
  /** The metric that was asked for. */
  readonly metric: string;
  /** The metrics that validations have. */
  readonly metrics: readonly string[];

  constructor(metric: string, metrics: readonly string[]) {
    super({
      subject: 'best checkpoint',
      expected: `a metric that a validation recorded: ${listNames(metrics, 12)}`,
      actual: `"${metric}"`,
      fix: `${didYouMean(metric, metrics)} Set the option "best".`,
    });
    this.metric = metric;
    this.metrics = Object.freeze([...metrics]);
  }
}

/** An option or argument has the wrong type or is out of range. */
export class InvalidCheckpointOptionError extends ExplainedRangeError {
  override readonly name = 'InvalidCheckpointOptionError';
  readonly option: string;

  constructor(option: string, expected: string, actual: string, fix: string) {
    super({ subject: `option "${option}"`, expected, actual, fix });
    this.option = option;
  }
}
