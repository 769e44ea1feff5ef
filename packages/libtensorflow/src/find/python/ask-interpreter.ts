import type { Machine } from '../machine';

/** What an interpreter says. */
export interface InterpreterAnswer {
  readonly interpreter: string;
  readonly environment?: string;
  /** The module `tensorflow`; left out when it has none. */
  readonly folder?: string;
}

/**
 * Finds the module without importing it, which would take seconds. The working directory is no place
 * of installed packages, though `-c` makes it one.
 */
const script = `
import importlib.util, json, os, sys
sys.path[:] = [entry for entry in sys.path if entry]
spec = importlib.util.find_spec("tensorflow")
print(json.dumps({
    "interpreter": sys.executable,
    "environment": sys.prefix if sys.prefix != sys.base_prefix or os.path.isdir(os.path.join(sys.prefix, "conda-meta")) else None,
    "folder": os.path.dirname(spec.origin) if spec and spec.origin else None,
}))
`;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/**
 * Asks a Python where its TensorFlow is.
 *
 * @throws Error when it does not answer in time, or not so.
 */
export const askInterpreter = async (
  program: string,
  machine: Machine,
): Promise<InterpreterAnswer> => {
  const output = await machine.run(program, ['-c', script]);
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  } catch (cause) {
    throw new Error(`it answered ${JSON.stringify(output.slice(0, 80))}`, { cause });
  }
  const environment = text(answer.environment);
  const folder = text(answer.folder);
  return {
    interpreter: text(answer.interpreter) ?? program,
    ...(environment === undefined ? {} : { environment }),
    ...(folder === undefined ? {} : { folder }),
  };
};
