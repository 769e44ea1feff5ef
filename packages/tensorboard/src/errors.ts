/** A value that can't be recorded under its tag. */
export class SummaryValueError extends RangeError {
  override readonly name = 'SummaryValueError';

  constructor(
    /** The tag that was to be recorded. */
    readonly tag: string,
    expected: string,
    actual: string,
    fix: string,
  ) {
    super(`Summary "${tag}": expected ${expected}, got ${actual}. ${fix}`);
  }
}

/** An option of a writer or callback that makes no sense. */
export class SummaryOptionError extends RangeError {
  override readonly name = 'SummaryOptionError';

  constructor(option: string, expected: string, actual: unknown, fix: string) {
    super(`Option "${option}": expected ${expected}, got ${String(actual)}. ${fix}`);
  }
}

/** Something was recorded, or flushed, after `close()`. */
export class WriterClosedError extends Error {
  override readonly name = 'WriterClosedError';

  constructor(path: string) {
    super(
      `Event file "${path}": expected an open writer, got a call after close(). ` +
        'Record everything before closing, or make another writer for the same directory.',
    );
  }
}

/** Writing in the background failed; `cause` is the file system's own error. */
export class EventWriteError extends Error {
  override readonly name = 'EventWriteError';

  constructor(path: string, cause: unknown) {
    super(
      `Event file "${path}": expected the disk to take queued events, got ` +
        `${cause instanceof Error ? cause.message : String(cause)}. Events up to the failure can be ` +
        'read; later ones are lost. Make another writer once the disk takes data again.',
      { cause },
    );
  }
}

/** A record whose checksum is wrong, or that holds no event. */
export class CorruptEventFileError extends Error {
  override readonly name = 'CorruptEventFileError';

  constructor(
    /** The damaged file. */
    readonly path: string,
    /** Where the damaged record starts, in bytes. */
    readonly offset: number,
    problem: string,
    cause?: unknown,
  ) {
    super(
      `Event file "${path}", record at byte ${offset}: expected a whole event, got ${problem}. ` +
        'Events before it were read; restore the file, or cut it off there.',
      { cause },
    );
  }
}
