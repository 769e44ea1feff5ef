/** What every error of this package says: about what, what was wanted, what was there, what to do. */
interface Fault {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly fix: string;
}

const sentence = ({ subject, expected, actual, fix }: Fault): string =>
  `${subject}: expected ${expected}, got ${actual}. ${fix}`;

/** A checkpoint that is there but damaged: cut short, overwritten, or with bits flipped. */
export class CorruptCheckpointError extends Error {
  override readonly name = 'CorruptCheckpointError';
  /** The damaged file. */
  readonly file: string;
  /** The tensor whose bytes are damaged; undefined when the damage is outside any tensor. */
  readonly tensor: string | undefined;
  readonly expected: string;
  readonly actual: string;

  constructor(
    file: string,
    tensor: string | undefined,
    expected: string,
    actual: string,
    options: { readonly fix?: string; readonly cause?: unknown } = {},
  ) {
    const subject = tensor === undefined ? file : `${file}, tensor "${tensor}"`;
    const fix = options.fix ?? 'The checkpoint is damaged: restore another one, or copy it again.';
    super(sentence({ subject, expected, actual, fix }), { cause: options.cause });
    this.file = file;
    this.tensor = tensor;
    this.expected = expected;
    this.actual = actual;
  }
}

/** There is no checkpoint of this prefix. */
export class CheckpointNotFoundError extends Error {
  override readonly name = 'CheckpointNotFoundError';
  /** The prefix that was asked for. */
  readonly file: string;

  constructor(file: string, options: { readonly cause?: unknown } = {}) {
    super(
      sentence({
        subject: `Checkpoint ${file}`,
        expected: `the file ${file}.index`,
        actual: 'none',
        fix: 'Give the prefix that saving gave back, without ".index" or ".data-…".',
      }),
      options,
    );
    this.file = file;
  }
}

/** A checkpoint holds no tensor of this name. */
export class TensorNotFoundError extends RangeError {
  override readonly name = 'TensorNotFoundError';
  /** The checkpoint's prefix. */
  readonly file: string;
  readonly tensor: string;

  constructor(file: string, tensor: string, held: readonly string[]) {
    const few = held.slice(0, 10).map((name) => `"${name}"`);
    const list = few.length < held.length ? [...few, `${held.length - few.length} more`] : few;
    super(
      sentence({
        subject: `Checkpoint ${file}`,
        expected: `a tensor "${tensor}"`,
        actual: list.length === 0 ? 'no tensors' : list.join(', '),
        fix: 'Take a name that variables() lists.',
      }),
    );
    this.file = file;
    this.tensor = tensor;
  }
}

/** A checkpoint that is sound as far as can be told, but uses something that this package does not read. */
export class UnsupportedCheckpointError extends Error {
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
    const subject = tensor === undefined ? file : `${file}, tensor "${tensor}"`;
    super(sentence({ subject, expected, actual, fix }));
    this.file = file;
    this.tensor = tensor;
  }
}

/** A tensor handed over for saving whose name, dtype, shape and data do not agree. */
export class InvalidTensorError extends TypeError {
  override readonly name = 'InvalidTensorError';
  readonly tensor: string;

  constructor(tensor: string, expected: string, actual: string, fix: string) {
    super(sentence({ subject: `Tensor "${tensor}"`, expected, actual, fix }));
    this.tensor = tensor;
  }
}

/** A name that no blob may have, such as one that leads out of the directory. */
export class InvalidBlobNameError extends RangeError {
  override readonly name = 'InvalidBlobNameError';
  readonly blob: string;

  constructor(blob: string, actual: string) {
    super(
      sentence({
        subject: `Blob name ${JSON.stringify(blob)}`,
        expected: 'a plain file name of 1 to 255 UTF-8 bytes',
        actual,
        fix: 'Names are flat: choose one without separators.',
      }),
    );
    this.blob = blob;
  }
}

/** A backend holds no blob of this name. */
export class BlobNotFoundError extends Error {
  override readonly name = 'BlobNotFoundError';
  /** Where the blob would lie. */
  readonly file: string;

  constructor(file: string, options: { readonly cause?: unknown } = {}) {
    super(
      sentence({
        subject: file,
        expected: 'a blob',
        actual: 'none',
        fix: 'List the backend to see what it holds.',
      }),
      options,
    );
    this.file = file;
  }
}

/** Another writer holds the directory. */
export class DirectoryLockedError extends Error {
  override readonly name = 'DirectoryLockedError';
  readonly directory: string;
  /** The holder's process id. */
  readonly pid: number;
  /** The holder's host name. */
  readonly host: string;

  constructor(
    directory: string,
    holder: { readonly pid: number; readonly host: string },
    lockFile: string,
  ) {
    super(
      sentence({
        subject: `Checkpoint directory ${directory}`,
        expected: 'no other writer',
        actual: `a lock held by process ${holder.pid} on host ${holder.host}`,
        fix: `Save into another directory, or close the other writer; if it is gone for good, delete ${lockFile}.`,
      }),
    );
    this.directory = directory;
    this.pid = holder.pid;
    this.host = holder.host;
  }
}

/** An option or argument outside of what it may be. */
export class InvalidCheckpointOptionError extends RangeError {
  override readonly name = 'InvalidCheckpointOptionError';
  readonly option: string;

  constructor(option: string, expected: string, actual: unknown, fix: string) {
    super(sentence({ subject: `Option ${option}`, expected, actual: describe(actual), fix }));
    this.option = option;
  }
}

const describe = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value);
