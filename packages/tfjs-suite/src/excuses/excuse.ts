/** Specs that are known to fail, and why. */
export interface Excuse {
  readonly reason: string;
  /** What each failure of the specs says. A spec that fails in another way isn't excused. */
  readonly failure: RegExp;
  /** Names of specs, or of suites of which every spec fails. */
  readonly specs: readonly string[];
}
