// Runs tfjs-core's tests in this process, and reports each to the parent process.
//   node dist/main.cjs <configuration>
import jasmineCore, { type Jasmine } from 'jasmine-core';
import { testFiles } from 'tfjs-core-tests';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import type { Configuration, RunMessage } from '../report';
import { CallReplays } from './replay-calls';
import { SpecReporter } from './spec-reporter';
import { startBackend } from './start-backend';

const configurations: readonly Configuration[] = ['cpu', 'wasm', 'libtensorflow', 'replay'];

/** They start threads with files that only tfjs's repository has. */
const needsRepository = /computation in worker/;

const send = (message: RunMessage): void => {
  process.send?.(message);
};

/** Loads the tests, and returns the file of each outermost suite and spec by its id. */
const loadTests = (jasmine: Jasmine): Map<string, string> => {
  const files = new Map<string, string>();
  const outermost = () => jasmine.getEnv().topSuite().children;
  for (const [file, load] of Object.entries(testFiles)) {
    const before = outermost().length;
    load();
    for (const { id } of outermost().slice(before)) files.set(id, file);
  }
  return files;
};

const run = async (configuration: Configuration): Promise<void> => {
  const jasmine = jasmineCore.boot(jasmineCore);
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000;
  const backendName = await startBackend(configuration);
  setTestEnvs([{ name: configuration, backendName, isDataSync: true }]);
  const files = loadTests(jasmine);

  const replays = configuration === 'replay' ? new CallReplays() : undefined;
  replays?.install();
  const reporter = new SpecReporter(
    send,
    (id) => files.get(id) ?? 'an unknown file',
    replays &&
      (() => {
        const failures = replays.takeProblems();
        return { status: failures.length > 0 ? 'failed' : 'passed', failures };
      }),
  );
  process.on('unhandledRejection', (error) => reporter.addError(error));
  const env = jasmine.getEnv();
  env.clearReporters();
  env.addReporter(reporter);
  env.configure({ random: false, specFilter: (spec) => !needsRepository.test(spec.getFullName()) });
  await env.execute();
  const done: RunMessage = { type: 'done', summary: reporter.summary(replays?.counts ?? {}) };
  process.send?.(done, () => process.disconnect());
};

const configuration = configurations.find((name) => name === process.argv[2]);
if (configuration === undefined) {
  throw new Error(`Expected one of ${configurations.join(', ')}, got ${process.argv[2]}.`);
}
void run(configuration);
