import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A running TensorBoard server. */
export interface TensorBoardServer {
  /** Its address, with a `/` at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

// Without TensorFlow, which takes seconds to import.
const source = `
import tensorboard.compat
tensorboard.compat.notf = True
from tensorboard import main
main.run_main()
`;

/**
 * Starts TensorBoard on a free port of this machine.
 *
 * @param logDir relative to `cwd`
 * @param options.reader the reader in Python, or the data server, which is TensorBoard's default
 * @returns undefined if the data server is not available for this platform
 */
export const startTensorBoard = async (
  python: string,
  logDir: string,
  { reader = 'python', cwd }: { readonly reader?: 'python' | 'server'; readonly cwd?: string } = {},
): Promise<TensorBoardServer | undefined> => {
  const flags = ['--host', '127.0.0.1', '--port', '0', '--reload_interval', '1'];
  const child = spawn(
    python,
    ['-c', source, '--logdir', logDir, `--load_fast=${reader === 'server'}`, ...flags],
    { cwd, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PYTHONWARNINGS: 'ignore' } },
  );
  const exited = once(child, 'exit');
  let printed = '';
  for await (const line of createInterface({ input: child.stderr })) {
    printed += `${line}\n`;
    const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(line) ?? [];
    if (!url) continue;
    child.stderr.resume();
    const stop = async (): Promise<void> => {
      child.kill();
      await exited;
    };
    return { url, stop };
  }
  await exited;
  if (reader === 'server' && printed.includes('data server')) return undefined;
  throw new Error(`TensorBoard exited before it listened:\n${printed}`);
};
