#!/usr/bin/env node
// Checks the imports of all packages against the tables in import-rules.mjs, and for circles.
//   node packages/tooling/check-imports.mjs [dir]     dir: a checkout; default: this one
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import { importRules } from './import-rules.mjs';

const thisCheckout = fileURLToPath(new URL('../..', import.meta.url));
const root = resolve(process.argv[2] ?? thisCheckout);
const sources = readdirSync(join(root, 'packages'))
  .map((folder) => `packages/${folder}/src`)
  .filter((folder) => existsSync(join(root, folder)));

const { output, exitCode } = await cruise(sources, {
  baseDir: root,
  ruleSet: importRules,
  validate: true,
  outputType: 'err-long',
  // Imports of types count, too.
  tsPreCompilationDeps: true,
  exclude: { path: '\\.test(-d)?\\.ts$|/gen/' },
  doNotFollow: { path: '(^|/)(node_modules|dist)/' },
});
console.log(output.trim());
process.exitCode = exitCode;
