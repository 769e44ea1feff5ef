// Every path that can't be used is refused at once, by a ModelDirError with the path and the system's code.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Elistimator, ModelDirError } from '../src';

const root = mkdtempSync(join(tmpdir(), 'model-dir-'));
afterAll(() => rmSync(root, { recursive: true }));

const create = (modelDir: unknown) =>
  Reflect.construct(Elistimator, [{ modelFn: null, progress: false, modelDir }]) as Elistimator;

const refusal = (modelDir: unknown): ModelDirError => {
  try {
    create(modelDir);
  } catch (error) {
    if (error instanceof ModelDirError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

it.each([
  [
    '',
    'modelDir: expected a path or a "file:" URL, got an empty string. Pass a path such as "runs/mnist"',
  ],
  [5, 'got 5'],
  [null, 'got null'],
  [{}, 'got an object'],
  ['a\0b', 'got "a'],
  [new URL('https://example.com/runs'), 'got "https://example.com/runs"'],
  ['s3://bucket/runs', 'got "s3://bucket/runs"'],
])('refuses %j', (modelDir, message) => {
  expect(refusal(modelDir).message).toContain(message);
});

it.runIf(process.platform === 'linux')(
  'refuses a directory that can not be made, and does not hang',
  () => {
    const error = refusal('/proc/elistimator');
    expect(error.code).toBe('ENOENT');
    expect(error.message).toContain('modelDir "/proc/elistimator"');
  },
);

describe('names the path and the reason', () => {
  it('of a symbolic link to nothing', () => {
    const link = join(root, 'dangling');
    symlinkSync(join(root, 'nowhere'), link);
    expect(refusal(link).message).toContain('it is a symbolic link to nothing');
  });

  it('of a path below a file', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(refusal(join(file, 'runs')).message).toBe(
      `modelDir "${file}/runs": expected its parent ${file} to be a directory, got a file. Create the parent, or correct the path.`,
    );
    expect(refusal(join(file, 'a', 'runs')).message).toContain(join(file, 'a'));
    expect(refusal(file).message).toContain('expected a directory, got a file');
  });

  it('of a name that is too long', () => {
    const error = refusal(join(root, 'x'.repeat(300)));
    expect(error.code).toBe('ENAMETOOLONG');
    expect(error.message).toContain('a name in the path is too long');
    expect(error.message).toContain(root);
  });

  it('to fromDisk() too', async () => {
    await expect(
      Elistimator.fromDisk({ modelDir: join(root, 'x'.repeat(300)), progress: false }),
    ).rejects.toThrow('a name in the path is too long');
    const none = Reflect.apply(Elistimator.fromDisk, Elistimator, [{ progress: false }]);
    await expect(none).rejects.toThrow('modelDir: expected a path or a "file:" URL, got undefined');
  });
});

it('accepts file: URLs, as URL or text', async () => {
  const path = join(root, 'a model ü');
  for (const modelDir of [pathToFileURL(path), String(pathToFileURL(path))]) {
    const estimator = create(modelDir);
    expect(estimator.modelDir).toBe(path);
    await estimator.close();
  }
});
