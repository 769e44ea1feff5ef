import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { beforeEach, describe, expect, it } from 'vitest';
import { CheckpointManager } from '../src/index';
import { type S3BackendOptions, s3Backend } from '../src/s3/s3-backend';
import { clientOf } from './s3-client';
import { s3Proxy } from './s3-proxy';
import { BUCKET, s3Server } from './s3-server';

/** Busy machines need much longer than idle ones. */
const TIMEOUT = 3_600_000;

const server = s3Server();
const proxy = s3Proxy(server);

const managerOf = async (prefix: string) => {
  const options: S3BackendOptions = { client: clientOf(proxy.port, 1), bucket: BUCKET, prefix };
  const backend = s3Backend(options);
  const manager = new CheckpointManager({ backend, maxToKeep: 2 });
  await manager.open();
  return { manager, backend };
};

const save = (manager: CheckpointManager, globalStep: number, value = globalStep) =>
  manager.save({
    globalStep,
    tensors: [{ name: 'w', dtype: 'float32', shape: [3], data: new Float32Array(3).fill(value) }],
    attachments: { '.meta': Buffer.from(`graph ${value}`) },
  });

/** The listed checkpoints as step:value, with every tensor and attachment verified. */
const listed = async (manager: CheckpointManager) => {
  const found: string[] = [];
  for (const [step, { file }] of manager.checkpoints) {
    const [tensor] = await manager.read(file);
    const graph = await manager.readAttachment(file, '.meta');
    expect(Buffer.from(graph ?? []).toString()).toBe(`graph ${tensor?.data[0]}`);
    found.push(`${step}:${tensor?.data[0]}`);
  }
  return found.join(' ');
};

beforeEach(() => {
  proxy.later = 0;
  proxy.breaks = () => undefined;
});

/** Saves the steps 1 and 2, then `step`, whose requests break from the `at`-th on. */
const cutOff = async (
  prefix: string,
  step: number,
  at: number,
  where: 'in the request' | 'before the answer',
) => {
  const first = await managerOf(prefix);
  await save(first.manager, 1);
  await save(first.manager, 2);
  let requests = 0;
  proxy.breaks = () => (requests++ >= at ? where : undefined);
  const outcome = await save(first.manager, step, 9).then(
    () => 'saved',
    () => 'cut off',
  );
  proxy.breaks = () => undefined;
  return { outcome, requests };
};

describe('a save to S3', () => {
  it.each([
    { step: 3, where: 'in the request', allowed: ['1:1 2:2', '1:1 2:2 3:9', '2:2 3:9'] },
    { step: 3, where: 'before the answer', allowed: ['1:1 2:2', '1:1 2:2 3:9', '2:2 3:9'] },
    { step: 2, where: 'in the request', allowed: ['1:1 2:2', '1:1 2:9'] },
    { step: 2, where: 'before the answer', allowed: ['1:1 2:2', '1:1 2:9'] },
  ] as const)(
    'of step $step that is interrupted $where, at any of its requests, leaves only complete checkpoints',
    async ({ step, where, allowed }) => {
      const seen = new Set<string>();
      for (let at = 0, ended = false; !ended; at++) {
        const prefix = `cut-${step}-${where.replaceAll(' ', '-')}-${at}`;
        const { outcome, requests } = await cutOff(prefix, step, at, where);
        ended = requests <= at;
        expect(outcome).toBe(ended ? 'saved' : 'cut off');
        const { manager } = await managerOf(prefix);
        const found = await listed(manager);
        expect(allowed, `request ${at}`).toContain(found);
        seen.add(found);
        // The interrupted writer does not renew its lease, so another one can take over.
        proxy.later = 100_000;
        await save(manager, 4);
        proxy.later = 0;
        expect(await listed(manager)).toMatch(/ 4:4$/);
        await manager.close();
      }
      expect(seen.size).toBeGreaterThan(1);
    },
    TIMEOUT,
  );

  it('that is killed during an upload is not listed, and the next save deletes its orphans', async () => {
    const outDir = fileURLToPath(new URL('../reports/s3-kill/', import.meta.url));
    await build({
      entry: { child: fileURLToPath(new URL('./s3-kill.ts', import.meta.url)) },
      outDir,
      format: 'esm',
      outExtension: () => ({ js: '.mjs' }),
      noExternal: [/^(?!@aws-sdk)/],
      config: false,
      silent: true,
      dts: false,
    });
    const child = spawn(process.execPath, [`${outDir}child.mjs`, `${proxy.port}`, 'killed'], {
      stdio: 'ignore',
    });
    const signal = await new Promise((resolve) => {
      child.on('exit', (_, ended) => resolve(ended));
      proxy.breaks = (_, url) => {
        if (url.includes('partNumber=2')) child.kill('SIGKILL');
        return undefined;
      };
    });
    expect(signal).toBe('SIGKILL');
    proxy.breaks = () => undefined;
    const { manager, backend } = await managerOf('killed');
    expect(manager.checkpoints.size).toBe(0);
    expect(await backend.list()).toEqual([]);
    proxy.seen.length = 0;
    // Its lock is taken over at once, because its process has ended.
    await save(manager, 3);
    const ended = proxy.seen.filter(
      ({ method, url }) => method === 'DELETE' && url.includes('uploadId'),
    );
    expect(ended).toHaveLength(1);
    expect(await listed(manager)).toBe('3:3');
    await manager.close();
  });
});
