#!/usr/bin/env node
import { createRequire } from 'node:module';
import { doctorCommand } from './commands/doctor';
import { runCommandLine } from './commands/run-command-line';

const { version }: { readonly version: string } = createRequire(import.meta.url)('../package.json');

// A reader such as `head` may close the pipe early, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCommandLine(process.argv.slice(2), [doctorCommand], version, {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
});
