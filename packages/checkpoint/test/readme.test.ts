import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as everything from '../src/index';
import { runner } from './collected-tests';
import { s3Server } from './s3-server';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, source = '']) => source);

const server = s3Server();

describe('the README', () => {
  beforeAll(() => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${server.port}`);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER');
  });

  it.each(examples.map((source, index) => ({ source, index })))(
    'runs example $index',
    async ({ source, index }) => {
      const folder = new URL('../reports/readme/', import.meta.url);
      mkdirSync(folder, { recursive: true });
      const file = new URL(`example-${index}.ts`, folder);
      // A second test runner would not report its results.
      const collecting =
        "import { runner } from '../../test/collected-tests'; const { describe, it } = runner;";
      writeFileSync(file, source.replace("import { describe, it } from 'node:test';", collecting));
      const before = process.cwd();
      process.chdir(mkdtempSync(join(tmpdir(), 'checkpoint-')));
      try {
        await import(/* @vite-ignore */ file.href);
        for (const body of runner.collected.splice(0)) await body();
      } finally {
        process.chdir(before);
      }
    },
  );

  it('names everything that the package exports', () => {
    expect(Object.keys(everything).filter((name) => !readme.includes(name))).toEqual([]);
  });
});
