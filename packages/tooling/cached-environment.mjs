import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'elistimator');
/** How long a failed install is not tried again; the machine's network may change. */
const RETRY_AFTER_MS = 60 * 60 * 1000;
/** Age at which a lock counts as left behind by a killed installer; an install takes minutes at most. */
const LOCK_EXPIRES_MS = 15 * 60 * 1000;

/** Runs a command. Resolves to null if it succeeded, else to the last line of its output. */
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
 * Provides a folder of programs that tests use, outside the checkout. It is installed once: concurrent callers wait
 * for the first, and a failed install is not tried again for an hour.
 *
 * @param install puts the programs into the folder; resolves to null, or to the reason why it failed
 * @returns the folder, or the reason why there is none
 */
export const cachedEnvironment = async (name, install) => {
  const folder = join(cache, name);
  const ready = join(folder, 'ready');
  const failed = join(folder, 'failed');
  const lock = join(cache, `${name}.lock`);
  mkdirSync(cache, { recursive: true });
  for (;;) {
    if (existsSync(ready)) return { folder };
    if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < RETRY_AFTER_MS)
      return { reason: readFileSync(failed, 'utf8') };
    try {
      mkdirSync(lock);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (Date.now() - statSync(lock, { throwIfNoEntry: false })?.mtimeMs > LOCK_EXPIRES_MS)
        rmSync(lock, { recursive: true, force: true });
      await sleep(500);
      continue;
    }
    try {
      rmSync(folder, { recursive: true, force: true });
      const failure = await install(folder);
      mkdirSync(folder, { recursive: true });
      writeFileSync(failure === null ? ready : failed, failure ?? '');
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
};
