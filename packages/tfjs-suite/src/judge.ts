import type { Excuse } from './excuses/excuse';
import type { SpecResult } from './report';

/** What is wrong with a run. */
export interface Verdict {
  /** Failures that no excuse covers, by file. */
  readonly failures: ReadonlyMap<string, readonly string[]>;
  /** Excuses for specs that pass, or that don't exist. */
  readonly stale: readonly string[];
}

const includes = (excused: string, name: string): boolean =>
  name === excused || name.startsWith(`${excused} > `);

const isExcused = ({ name, failures }: SpecResult, excuses: readonly Excuse[]): boolean =>
  excuses.some(
    ({ failure, specs }) =>
      specs.some((excused) => includes(excused, name)) &&
      failures.every((message) => failure.test(message)),
  );

/** Compares the results of a run with the excuses. */
export const judge = (specs: readonly SpecResult[], excuses: readonly Excuse[]): Verdict => {
  const failures = new Map<string, string[]>();
  for (const spec of specs) {
    if (spec.status !== 'failed' || isExcused(spec, excuses)) continue;
    const inFile = failures.get(spec.file) ?? [];
    inFile.push(`${spec.name}: ${spec.failures.join(' | ').slice(0, 500)}`);
    failures.set(spec.file, inFile);
  }
  const stale = excuses.flatMap((excuse) =>
    excuse.specs.flatMap((excused) => {
      const covered = specs.filter(({ name }) => includes(excused, name));
      if (covered.length === 0) return `${excused}: no such spec`;
      return covered
        .filter((spec) => spec.status !== 'failed' || !isExcused(spec, [excuse]))
        .map(({ name, status }) => `${excused}: ${name} ${status}`);
    }),
  );
  return { failures, stale };
};
