#!/usr/bin/env node
// Checks that no two places define an exported type, interface, class or enum of the same name.
//   node packages/tooling/check-type-names.mjs [dir]     dir: a checkout; default: this one
import { resolve } from 'node:path';
import { readSourceFiles, thisCheckout } from './source-files.mjs';

/**
 * Core declares the shape of what it stores and logs; the packages that fit these ports by shape, without importing
 * core, declare it again.
 */
const isPort = (paths) =>
  paths.length === 2 &&
  paths.some((path) => path.startsWith('packages/core/src/ports/')) &&
  paths.some((path) => /^packages\/(checkpoint|tensorboard)\//.test(path));

const DEFINITION = /^export (?:declare |abstract |default )*(?:class|interface|type|enum) (\w+)/gm;

const root = resolve(process.argv[2] ?? thisCheckout);
const places = new Map();
for (const { path, text } of readSourceFiles(root)) {
  for (const [, name] of text.matchAll(DEFINITION))
    places.set(name, [...(places.get(name) ?? []), path]);
}
const duplicates = [...places].filter(([, paths]) => paths.length > 1 && !isPort(paths));
for (const [name, paths] of duplicates) console.error(`${name}: ${paths.join(', ')}`);
if (duplicates.length > 0) {
  console.error(
    `${duplicates.length} type names have more than one meaning. Rename or share them.`,
  );
  process.exitCode = 1;
}
