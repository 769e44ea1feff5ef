/** The four things that every error of ours says. */
export interface Explanation {
  /** What the error is about: an option, a backend. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  /** What to do about it, as a sentence. */
  readonly fix: string;
}

/** One message in the order subject, expected, actual, fix. What somebody else says may end with a full stop. */
export const explain = ({ subject, expected, actual, fix }: Explanation): string =>
  `${subject}: expected ${expected}, got ${actual.replace(/\.$/, '')}. ${fix}`;
