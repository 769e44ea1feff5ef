import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'elistimator');
/** After this long a refusal is forgotten, since the machine's network may have changed. */
const refusalLasts = 60 * 60 * 1000;
/** A killed installer leaves its lock behind; an install takes minutes at most. */
const lockLasts = 15 * 60 * 1000;

/** Runs a command to its end; resolves to the tail of its output, or null when it succeeded. */
export const failureOf = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-2000);
      });
    }
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : output.trim().split('\n').at(-1)));
  });

/**
 * A folder of programs that tests use, outside the checkout. It is installed once: concurrent callers wait for
 * the first, and one that could not be installed is not tried again for an hour.
 *
 * @param install puts the programs into the folder; resolves to why it could not, or null
 * @returns the folder, or the reason
 */
export const cachedEnvironment = async (name, install) => {
  const folder = join(cache, name);
  const ready = join(folder, 'ready');
  const refused = join(folder, 'refused');
  const lock = join(cache, `${name}.lock`);
  mkdirSync(cache, { recursive: true });
  for (;;) {
    if (existsSync(ready)) return { folder };
    if (existsSync(refused) && Date.now() - statSync(refused).mtimeMs < refusalLasts)
      return { reason: readFileSync(refused, 'utf8') };
    try {
      mkdirSync(lock);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (Date.now() - statSync(lock, { throwIfNoEntry: false })?.mtimeMs > lockLasts)
        rmSync(lock, { recursive: true, force: true });
      await sleep(500);
      continue;
    }
    try {
      rmSync(folder, { recursive: true, force: true });
      const failure = await install(folder);
      mkdirSync(folder, { recursive: true });
      writeFileSync(failure === null ? ready : refused, failure ?? '');
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
};
