import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Configuration, Report, RunMessage, RunSummary, SpecResult } from './report';

const program = fileURLToPath(new URL('../dist/main.cjs', import.meta.url));

const isRunMessage = (message: unknown): message is RunMessage =>
  typeof message === 'object' && message !== null && 'type' in message;

/**
 * Runs the suite in a process of its own.
 *
 * @param env environment variables in addition to those of this process
 * @throws Error with the spec and the last output if the process ends before the suite
 */
export const runSuite = async (
  configuration: Configuration,
  env: Readonly<Record<string, string>> = {},
): Promise<Report> => {
  const child = fork(program, [configuration], { env: { ...process.env, ...env }, silent: true });
  const specs: SpecResult[] = [];
  let current = 'the first spec';
  let output = '';
  let summary: RunSummary | undefined;
  child.on('message', (message) => {
    if (!isRunMessage(message)) return;
    if (message.type === 'started') current = message.name;
    else if (message.type === 'spec') specs.push(message.spec);
    else summary = message.summary;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      output = `${output}${data}`.slice(-4000);
    });
  }
  // Messages may arrive after the process has exited, but none after the channel is closed.
  const [[code, signal]] = await Promise.all([once(child, 'close'), once(child, 'disconnect')]);
  if (summary === undefined || code !== 0) {
    throw new Error(`The suite ended with ${signal ?? code} at "${current}":\n${output}`);
  }
  return { specs, ...summary };
};
