#!/usr/bin/env node
// Checks the imports of all packages against the tables in import-rules.mjs, and for circles.
//   node packages/tooling/check-imports.mjs [dir]     dir: a checkout; default: this one
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { importRules } from './import-rules.mjs';
import { thisCheckout } from './source-files.mjs';

/**
 * Checks the sources of a checkout.
 *
 * @param {string} root the folder that contains `packages`
 * @returns {Promise<{ output: string, exitCode: number }>} a report, and the number of violations
 */
export const checkImports = async (root) => {
  const sources = readdirSync(join(root, 'packages'))
    .map((folder) => `packages/${folder}/src`)
    .filter((folder) => existsSync(join(root, folder)));
  return cruise(sources, {
    baseDir: root,
    ruleSet: importRules,
    validate: true,
    outputType: 'err-long',
    // Imports of types count, too.
    tsPreCompilationDeps: true,
    exclude: { path: '\\.test(-d)?\\.ts$|/gen/' },
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
  });
};

if (process.argv[1] === import.meta.filename) {
  const { output, exitCode } = await checkImports(resolve(process.argv[2] ?? thisCheckout));
  console.log(output.trim());
  process.exitCode = exitCode === 0 ? 0 : 1;
}
