/**
 * Bytes that do not follow their format. Decoders throw it without knowing the file that they work on;
 * whoever opened the file turns it into a CorruptCheckpointError. It never leaves this package.
 */
export class Malformed extends Error {
  readonly expected: string;
  readonly actual: string;

  constructor(expected: string, actual: string) {
    super(`expected ${expected}, got ${actual}`);
    this.expected = expected;
    this.actual = actual;
  }
}
