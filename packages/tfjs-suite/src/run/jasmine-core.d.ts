/** The part of jasmine-core 4.6 that the suite uses. */
declare module 'jasmine-core' {
  export interface Runnable {
    readonly id: string;
    readonly description: string;
  }

  interface Failure {
    readonly message: string;
  }

  export interface SuiteDone extends Runnable {
    readonly failedExpectations: readonly Failure[];
  }

  export interface SpecDone extends SuiteDone {
    readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
  }

  export interface Reporter {
    suiteStarted?(suite: Runnable): void;
    suiteDone?(suite: SuiteDone): void;
    specStarted?(spec: Runnable): void;
    specDone?(spec: SpecDone): void;
    jasmineDone?(result: { readonly failedExpectations: readonly Failure[] }): void;
  }

  export interface Env {
    addReporter(reporter: Reporter): void;
    clearReporters(): void;
    configure(configuration: {
      random?: boolean;
      specFilter?: (spec: { getFullName(): string }) => boolean;
    }): void;
    execute(): Promise<unknown>;
    topSuite(): { readonly children: readonly Runnable[] };
  }

  export interface Jasmine {
    DEFAULT_TIMEOUT_INTERVAL: number;
    getEnv(): Env;
  }

  interface JasmineCore {
    /** Creates `describe`, `it`, `expect` and so on as globals. */
    boot(core: JasmineCore): Jasmine;
  }

  const jasmineCore: JasmineCore;
  export default jasmineCore;
}

/** Created by the bundler: the files that `tfjs-core/dist/tests.js` imports. */
declare module 'tfjs-core-tests' {
  export const testFiles: Readonly<Record<string, () => unknown>>;
}
