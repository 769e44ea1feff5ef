import type { Reporter, Runnable, SpecDone, SuiteDone } from 'jasmine-core';
import type { RunMessage, RunSummary, SpecResult } from '../report';
import { currentBackend } from './tfjs-internals';

const statuses = {
  passed: 'passed',
  failed: 'failed',
  pending: 'skipped',
  excluded: 'skipped',
} as const;

/** Reports jasmine's results to another process. */
export class SpecReporter implements Reporter {
  readonly #send: (message: RunMessage) => void;
  readonly #fileOf: (id: string) => string;
  readonly #describe: (spec: SpecDone) => Pick<SpecResult, 'status' | 'failures'>;
  readonly #suites: Runnable[] = [];
  readonly #backends: Record<string, number> = {};
  readonly #errors: string[] = [];
  #seen = new Map<string, number>();

  /**
   * @param fileOf the file that an outermost suite or spec is from, by its id
   * @param describe the outcome of a spec. Default: jasmine's
   */
  constructor(
    send: (message: RunMessage) => void,
    fileOf: (id: string) => string,
    describe: (spec: SpecDone) => Pick<SpecResult, 'status' | 'failures'> = ({
      status,
      failedExpectations,
    }) => ({
      status: statuses[status],
      failures: failedExpectations.map(({ message }) => message),
    }),
  ) {
    this.#send = send;
    this.#fileOf = fileOf;
    this.#describe = describe;
  }

  suiteStarted(suite: Runnable): void {
    this.#suites.push(suite);
  }

  suiteDone({ description, failedExpectations }: SuiteDone): void {
    this.#suites.pop();
    for (const { message } of failedExpectations) this.#errors.push(`${description}: ${message}`);
  }

  specStarted(spec: Runnable): void {
    this.#send({ type: 'started', name: this.#nameOf(spec) });
  }

  specDone(spec: SpecDone): void {
    const backend = currentBackend();
    this.#backends[backend] = (this.#backends[backend] ?? 0) + 1;
    const name = this.#nameOf(spec);
    const file = this.#fileOf((this.#suites[0] ?? spec).id);
    const key = `${file} ${name}`;
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    // Some specs have the same name.
    const unique = count === 1 ? name : `${name} #${count}`;
    this.#send({ type: 'spec', spec: { file, name: unique, ...this.#describe(spec) } });
  }

  /** To be called for an error outside of specs. */
  addError(error: unknown): void {
    this.#errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  summary(calls: RunSummary['calls']): RunSummary {
    return { backends: this.#backends, errors: this.#errors, calls };
  }

  /** Without the environment that tfjs appends to the names of suites, such as ` wasm {}`. */
  #nameOf({ description }: Runnable): string {
    const suites = this.#suites.map((suite) => suite.description.replace(/ ?\w+ \{\}$/, ''));
    return [...suites, description].map((part) => part.trim()).join(' > ');
  }
}
