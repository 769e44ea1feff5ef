import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'source-checks-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Runs a script of this package on a checkout of these files, given as path in `packages/` to source text. */
const run = (script, files) => {
  for (const [path, source] of Object.entries(files)) {
    const file = join(root, 'packages', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
  }
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  return spawnSync(process.execPath, [path, root], { encoding: 'utf8' });
};

describe('check-type-names', () => {
  it('passes when each exported type has its own name', () => {
    const { status } = run('check-type-names.mjs', {
      'core/src/a.ts': 'export interface One {}\ninterface Local {}\n',
      'core/src/b.ts': 'export type Two = string;\ninterface Local {}\n',
    });
    expect(status).toBe(0);
  });

  it('names a type that two packages define, and where', () => {
    const { status, stderr } = run('check-type-names.mjs', {
      'core/src/session.ts': 'export class Session {}\n',
      'graph/src/session.ts': 'export interface Session {}\n',
      'graph/src/session.test.ts': 'export interface Session {}\n',
    });
    expect(status).toBe(1);
    expect(stderr).toContain(
      'Session: packages/core/src/session.ts, packages/graph/src/session.ts\n',
    );
  });

  it('allows a package to repeat the shape of a port', () => {
    const definition = 'export interface CheckpointEntry {}\n';
    const ports = {
      'core/src/ports/checkpoint-store.ts': definition,
      'checkpoint/src/manager.ts': definition,
    };
    expect(run('check-type-names.mjs', ports).status).toBe(0);
    const third = { 'graph/src/entry.ts': definition };
    expect(run('check-type-names.mjs', third).status).toBe(1);
  });
});

describe('grain', () => {
  it('counts files, lines, importers and comments', () => {
    const { stdout } = run('grain.mjs', {
      'core/src/a.ts': "import './b';\n\nexport const a = 1;\n",
      'core/src/b.ts': '/**\n * A number.\n */\nexport const b = 1; // not counted\n',
      'core/src/c/index.ts': '// Used by a test only.\nexport const c = 1;\n',
      'core/src/c/c.test.ts': "import '.';\n",
      'core/src/gen/d.ts': 'export const d = 1;\n',
      'graph/src/e.ts': `${'export {};\n'.repeat(301)}`,
    });
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      'package,files,lines,median,< 25,> 300,max,1 importer,comments'.split(','),
      ['core', '3', '9', '3', '100%', '0', '4', '33%', '50%'],
      ['graph', '1', '301', '301', '0%', '1', '301', '0%', '0%'],
      ['all', '4', '310', '3.5', '75%', '1', '301', '25%', '1%'],
    ]);
  });
});
