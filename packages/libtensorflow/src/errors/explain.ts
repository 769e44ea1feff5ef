/** The four things that every error of ours says. */
export interface Explanation {
  /** What the error is about: a tensor, a session, an option. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  /** What to do about it, as a sentence. */
  readonly fix: string;
}

/** One message in the order subject, expected, actual, fix. */
export const explain = ({ subject, expected, actual, fix }: Explanation): string =>
  `${subject}: expected ${expected}, got ${actual}. ${fix}`;
