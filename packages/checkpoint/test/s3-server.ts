import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { afterAll, beforeAll } from 'vitest';

/** The server's bucket. */
export const BUCKET = 'checkpoints';

/** Runs an S3 server (s3rver) on a free port of the loopback interface for the tests of a file. */
export const s3Server = (): { readonly port: number } => {
  const directory = mkdtempSync(join(tmpdir(), 's3rver-'));
  const running = { port: 0 };
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: BUCKET, configs: [] }],
  });
  beforeAll(async () => {
    running.port = (await server.run()).port;
  });
  afterAll(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  return running;
};
