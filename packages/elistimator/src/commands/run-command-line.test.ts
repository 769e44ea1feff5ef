import { parseArgs } from 'node:util';
import { expect, it } from 'vitest';
import type { Command } from './command';
import { runCommandLine } from './run-command-line';

const greet: Command = {
  name: 'greet',
  summary: 'says hello',
  help: 'help of greet',
  run: async (args, { out, err }) => {
    const { values } = parseArgs({ args: [...args], options: { loud: { type: 'boolean' } } });
    err('greeting …');
    out(values.loud ? 'HELLO' : 'hello');
    return 1;
  },
};
const breaking: Command = { ...greet, name: 'break', run: () => Promise.reject(new Error('no')) };

const run = async (...args: string[]) => {
  const written = { out: '', err: '' };
  const code = await runCommandLine(args, [greet, breaking], '1.2.3', {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  });
  return { code, ...written };
};

it("runs a command with its arguments, and returns the command's exit code", async () => {
  expect(await run('greet', '--loud')).toEqual({ code: 1, out: 'HELLO', err: 'greeting …' });
});

it.each([
  [['--version'], '1.2.3'],
  [['--help'], 'greet  says hello'],
  [['greet', '--help'], 'help of greet'],
])('%j prints a text and exits with 0', async (args, text) => {
  const { code, out, err } = await run(...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(text);
});

it.each([
  [[], 'a command is missing'],
  [['grete'], "there is no command 'grete'"],
  [['greet', '--quiet'], "Unknown option '--quiet'"],
  [['greet', 'you'], "Unexpected argument 'you'"],
])('%j prints an error and the usage, and exits with 2', async (args, text) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(text);
});

it('does not catch other errors', async () => {
  await expect(run('break')).rejects.toThrow('no');
});
