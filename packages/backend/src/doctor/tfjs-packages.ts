import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ancestors, type TfjsImport, type TfjsPackage, tfjsImports } from './tfjs-imports';

/** A copy of tfjs-core, and who imports it. */
export interface TfjsCopy extends TfjsPackage {
  /** Names of packages; `this application` for the one in the working directory. */
  readonly usedBy: readonly string[];
}

const core = '@tensorflow/tfjs-core';

/** The nearest directory upward that is a package. */
const packageAround = (directory: string): string | undefined =>
  ancestors(directory).find((each) => existsSync(join(each, 'package.json')));

/** This package, whose imports count as well: an application may be linked to it from elsewhere. */
const thisPackage = (): string[] => {
  const found = packageAround(dirname(fileURLToPath(import.meta.url)));
  return found === undefined ? [] : [found];
};

const importsOf = (application: string, others: readonly string[]): TfjsImport[] =>
  tfjsImports([packageAround(application) ?? application, ...others]);

const distinct = <T extends TfjsPackage>(packages: readonly T[]): T[] => [
  ...new Map(packages.map((each) => [each.directory, each])).values(),
];

/**
 * The tfjs packages that an application, its direct dependencies and this package would import.
 *
 * @param application a directory in it; the working directory when left out
 * @param others directories of packages that run in the same process
 */
export const findTfjsPackages = (
  application: string = process.cwd(),
  others: readonly string[] = thisPackage(),
): TfjsPackage[] =>
  distinct(importsOf(application, others).map(({ of }) => of)).toSorted((a, b) =>
    a.name.localeCompare(b.name),
  );

/**
 * The copies of tfjs-core that one process would load. Each has an engine of its own: tensors and
 * backends of one are unknown to the other.
 *
 * @param application a directory in it; the working directory when left out
 * @param others directories of packages that run in the same process
 * @returns every copy when there are several; nothing when all is well
 */
export const findDuplicateTfjs = (
  application: string = process.cwd(),
  others: readonly string[] = thisPackage(),
): TfjsCopy[] => {
  const imports = importsOf(application, others).filter(({ of }) => of.name === core);
  const copies = distinct(imports.map(({ of }) => of)).map((copy) => ({
    ...copy,
    usedBy: [
      ...new Set(imports.filter(({ of }) => of.directory === copy.directory).map(({ by }) => by)),
    ],
  }));
  return copies.length > 1 ? copies : [];
};
