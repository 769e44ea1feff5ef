import { ExplainedError, ExplainedRangeError, reasonOf } from '@elistimator/internal';

/** A value that cannot be recorded under its tag. */
export class SummaryValueError extends ExplainedRangeError {
  override readonly name = 'SummaryValueError';

  constructor(
    /** The tag of the rejected value. */
    readonly tag: string,
    expected: string,
    actual: string,
    fix: string,
  ) {
    super({ subject: `Summary "${tag}"`, expected, actual, fix });
  }
}

/** An invalid option of a writer, a reader or a callback. */
export class SummaryOptionError extends ExplainedRangeError {
  override readonly name = 'SummaryOptionError';

  constructor(option: string, expected: string, actual: unknown, fix: string) {
    super({ subject: `Option "${option}"`, expected, actual: String(actual), fix });
  }
}

/** A call to record or flush after `close()`. */
export class WriterClosedError extends ExplainedError {
  override readonly name = 'WriterClosedError';

  constructor(path: string) {
    super({
      subject: `Log file "${path}"`,
      expected: 'an open writer',
      actual: 'a call after close()',
      fix: 'Record everything before closing, or create another writer for the same directory.',
    });
  }
}

/** A failed write in the background; `cause` is the error of the file system. */
export class EventWriteError extends ExplainedError {
  override readonly name = 'EventWriteError';

  constructor(path: string, cause: unknown) {
    const fix =
      'Everything written before the failure can be read; later values are lost. ' +
      'Create another writer after fixing the cause.';
    const expected = 'queued data to be written to disk';
    super({ subject: `Log file "${path}"`, expected, actual: reasonOf(cause), fix }, { cause });
  }
}

/** A record with a wrong checksum, or one that is not an event. */
export class CorruptEventFileError extends ExplainedError {
  override readonly name = 'CorruptEventFileError';

  constructor(
    /** The damaged file. */
    readonly path: string,
    /** Position of the damaged record in bytes. */
    readonly offset: number,
    problem: string,
    cause?: unknown,
  ) {
    super(
      {
        subject: `Event file "${path}", record at byte ${offset}`,
        expected: 'an intact event',
        actual: problem,
        fix: 'The events before it are intact: restore the file, or truncate it at this position.',
      },
      { cause },
    );
  }
}
