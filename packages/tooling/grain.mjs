#!/usr/bin/env node
// Measures how finely the sources are divided, per package and in all.
//   node packages/tooling/grain.mjs [dir]     dir: a checkout; default: this one
import { dirname, join, normalize, resolve } from 'node:path';
import { readSourceFiles, thisCheckout } from './source-files.mjs';

const SHORT = 25;
const LONG = 300;

const percent = (count, of) => (of === 0 ? '-' : `${((100 * count) / of).toFixed(0)}%`);

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
};

/** Counts the lines with something on them, and those of them that are only comment. */
const countLines = (text) => {
  let filled = 0;
  let comments = 0;
  let isInBlock = false;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line === '') continue;
    filled += 1;
    if (isInBlock || line.startsWith('//') || line.startsWith('/*')) comments += 1;
    if (line.startsWith('/*')) isInBlock = true;
    if (line.includes('*/')) isInBlock = false;
  }
  return { filled, comments };
};

/** The files that a file imports by a relative path. */
const importsOf = ({ path, text }, paths) =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']*)'/g)].flatMap(([, specifier]) => {
    const target = normalize(join(dirname(path), specifier)).replace(/\.(ts|js)$/, '');
    return [`${target}.ts`, join(target, 'index.ts')].find((file) => paths.has(file)) ?? [];
  });

const measure = (files) => {
  const paths = new Set(files.map(({ path }) => path));
  const importers = new Map();
  for (const file of files) {
    for (const target of new Set(importsOf(file, paths)))
      importers.set(target, (importers.get(target) ?? 0) + 1);
  }
  return files.map(({ package: folder, path, text }) => ({
    folder,
    path,
    lines: text.split('\n').length - 1,
    importers: importers.get(path) ?? 0,
    ...countLines(text),
  }));
};

const summarize = (name, files) => {
  const sum = (count) => files.reduce((total, file) => total + count(file), 0);
  const lines = files.map((file) => file.lines);
  return {
    package: name,
    files: files.length,
    lines: sum((file) => file.lines),
    median: median(lines),
    [`< ${SHORT}`]: percent(lines.filter((count) => count < SHORT).length, files.length),
    [`> ${LONG}`]: lines.filter((count) => count > LONG).length,
    max: Math.max(...lines),
    '1 importer': percent(files.filter(({ importers }) => importers === 1).length, files.length),
    comments: percent(
      sum((file) => file.comments),
      sum((file) => file.filled),
    ),
  };
};

const root = resolve(process.argv[2] ?? thisCheckout);
const files = measure(readSourceFiles(root));
const folders = [...new Set(files.map(({ folder }) => folder))];
const rows = folders.map((name) =>
  summarize(
    name,
    files.filter(({ folder }) => folder === name),
  ),
);
rows.push(summarize('all', files));

const columns = Object.keys(rows[0]);
const widths = columns.map((column) =>
  Math.max(column.length, ...rows.map((row) => String(row[column]).length)),
);
const printRow = (cells) =>
  console.log(
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : String(cell).padStart(widths[i])))
      .join('  '),
  );
printRow(columns);
for (const row of rows) printRow(columns.map((column) => row[column]));
