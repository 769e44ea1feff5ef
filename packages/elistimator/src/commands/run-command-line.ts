import { type Command, type Console, exitCodes } from './command';

const usage = (commands: readonly Command[]): string => {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'elistimator <command> [options]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    '  --help     print this text, or the help of a command',
    '  --version  print the version',
  ].join('\n');
};

/** Whether an error is about the arguments: `parseArgs` marks them by their code. */
const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

const runCommand = async (
  command: Command,
  args: readonly string[],
  console: Console,
): Promise<number> => {
  if (args.includes('--help')) {
    console.out(command.help);
    return exitCodes.done;
  }
  try {
    return await command.run(args, console);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    console.err(`elistimator ${command.name}: ${error.message}\n\n${command.help}`);
    return exitCodes.usage;
  }
};

/**
 * Runs a command line.
 *
 * @param args the command's name and its arguments
 * @returns the exit code: 0 for success, 1 for failure, 2 for wrong arguments
 */
export const runCommandLine = async (
  args: readonly string[],
  commands: readonly Command[],
  version: string,
  console: Console,
): Promise<number> => {
  const [first, ...rest] = args;
  const command = commands.find(({ name }) => name === first);
  if (command !== undefined) return runCommand(command, rest, console);
  if (first === '--version') console.out(version);
  else if (first === '--help') console.out(usage(commands));
  else {
    const wrong = first === undefined ? 'a command is missing' : `there is no command '${first}'`;
    console.err(`elistimator: ${wrong}\n\n${usage(commands)}`);
    return exitCodes.usage;
  }
  return exitCodes.done;
};
