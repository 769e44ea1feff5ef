import type { FoundLibtensorflow } from '../search-report';

/** A place where a libtensorflow may be. */
export interface Place {
  /** For the report: a directory, a variable, an interpreter. */
  readonly place: string;
  /**
   * Looks there.
   *
   * @throws Error whose message says what is wrong with what is there, or that there is nothing.
   */
  look(): FoundLibtensorflow | Promise<FoundLibtensorflow>;
}
