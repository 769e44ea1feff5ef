// The packages as npm users get them: packed, installed into an empty folder, and used as in the READMEs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../..', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'packed-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Folder names and npm names of the published packages. */
const published = readdirSync(packages)
  .map((folder) => {
    const { name, private: isPrivate } = JSON.parse(
      readFileSync(join(packages, folder, 'package.json'), 'utf8'),
    ) as { name: string; private?: boolean };
    return { folder, name, isPrivate: isPrivate === true };
  })
  .filter(({ isPrivate }) => !isPrivate);

const tarballs: Record<string, string> = {};

beforeAll(() => {
  for (const { folder, name } of published) {
    const output = execFileSync('pnpm', ['pack', '--json', '--pack-destination', root], {
      cwd: join(packages, folder),
      encoding: 'utf8',
    });
    tarballs[name] = `file:${(JSON.parse(output) as { filename: string }).filename}`;
  }
});

/** Creates an empty project, and installs some of the packages with npm. */
const project = (name: string, dependencies: Record<string, string>): string => {
  const folder = join(root, name);
  mkdirSync(folder);
  const overrides = Object.fromEntries(
    Object.entries(tarballs).filter(([dependency]) => !(dependency in dependencies)),
  );
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, type: 'module', private: true, dependencies, overrides }),
  );
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return folder;
};

/** Compiles a TypeScript block of a README to JavaScript. */
const snippet = (folder: string, index = 0): string => {
  const readme = readFileSync(join(packages, folder, 'README.md'), 'utf8');
  const block = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)][index]?.[1] ?? '';
  return ts.transpileModule(block, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText;
};

const run = (folder: string, code: string): string => {
  writeFileSync(join(folder, 'main.js'), code);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['main.js'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout + stderr;
};

describe('installed from tarballs', () => {
  it('the facade trains and predicts as its README shows', () => {
    const folder = project('facade', {
      elistimator: tarballs.elistimator ?? '',
      '@tensorflow/tfjs': '^4.22.0',
    });
    const output = run(folder, snippet('elistimator'));
    expect(output).toContain('Training (1): 8it [');
    expect(output).toContain('Training (20): 100%|');
    const [, zero, one] = /line: \[ \[ ([\d.]+) \], \[ ([\d.]+) \] \]/.exec(output) ?? [];
    expect(Number(zero)).toBeCloseTo(1, 0);
    expect(Number(one)).toBeCloseTo(4, 0);
    expect(readdirSync(join(folder, 'line'))).toEqual(['checkpoints', 'train', 'validation']);
  });

  it('the TensorBoard writer works alone, without TensorFlow.js', () => {
    const folder = project('writer', {
      'tfjs-tensorboard-writer': tarballs['tfjs-tensorboard-writer'] ?? '',
    });
    const installed = readdirSync(join(folder, 'node_modules'));
    expect(installed).toContain('tfjs-tensorboard-writer');
    expect(installed).not.toContain('@tensorflow');
    const code = readFileSync(join(packages, 'examples', 'src', 'tensorboard-only.ts'), 'utf8');
    const output = run(
      folder,
      ts.transpileModule(code, {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      }).outputText,
    );
    expect(output).toContain('Read back 100 positions');
  });

  it('the checkpoint library works alone, without TensorFlow.js', () => {
    const folder = project('checkpoint', {
      '@elistimator/checkpoint': tarballs['@elistimator/checkpoint'] ?? '',
    });
    expect(readdirSync(join(folder, 'node_modules'))).not.toContain('@tensorflow');
    const output = run(
      folder,
      `import { openCheckpoint, writeCheckpoint } from '@elistimator/checkpoint';
       await writeCheckpoint('./model', [
         { name: 'w', dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) },
       ]);
       const checkpoint = await openCheckpoint('./model');
       console.log(checkpoint.variables().length, [...(await checkpoint.read('w')).data]);`,
    );
    expect(output).toContain('1 [ 1, 2 ]');
  });
});
