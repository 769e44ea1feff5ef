import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkedFunction, kinds, optional } from '@elistimator/internal';

/** An installed package of TensorFlow.js. */
export interface TfjsPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute path, with symbolic links resolved. */
  readonly directory: string;
}

/** A copy of tfjs-core, and the packages that import it. */
export interface TfjsCopy extends TfjsPackage {
  /** Package names; `this application` for the package in the working directory. */
  readonly usedBy: readonly string[];
}

const tfjsCore = '@tensorflow/tfjs-core';

const isTfjs = (name: string): boolean => name.startsWith('@tensorflow/tfjs');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Reads a package.json. A damaged one counts as empty; Node or npm reports it. */
const readJson = (file: string): Readonly<Record<string, unknown>> => {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
};

const dependencyFields = [
  'dependencies',
  'peerDependencies',
  'optionalDependencies',
  'devDependencies',
] as const;

const readManifest = (directory: string): Manifest => {
  const json = readJson(join(directory, 'package.json'));
  const { name, version } = json;
  const dependencies = dependencyFields.flatMap((field) => {
    const entries = json[field];
    return isObject(entries) ? Object.keys(entries) : [];
  });
  return {
    name: typeof name === 'string' ? name : 'this application',
    version: typeof version === 'string' ? version : '',
    dependencies: [...new Set(dependencies)],
  };
};

const ancestors = (directory: string): string[] => {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...ancestors(parent)];
};

/** Resolves a package as Node does, but regardless of its `exports`. */
const resolveFrom = (directory: string, name: string): string | undefined => {
  const installed = ancestors(directory)
    .map((folder) => join(folder, 'node_modules', name))
    .find((folder) => existsSync(join(folder, 'package.json')));
  return installed === undefined ? undefined : realpathSync(installed);
};

const packageAround = (directory: string): string | undefined =>
  ancestors(directory).find((folder) => existsSync(join(folder, 'package.json')));

interface TfjsImport {
  /** The importer's name; `this application` for the first root. */
  readonly importer: string;
  readonly imported: TfjsPackage;
}

/** Follows the dependencies of some packages to every import of a tfjs package. */
const findImports = (roots: readonly string[]): TfjsImport[] => {
  const imports: TfjsImport[] = [];
  const visited = new Set<string>();
  const visit = (directory: string, importer: string, depth: number): void => {
    if (visited.has(directory)) return;
    visited.add(directory);
    for (const name of readManifest(directory).dependencies) {
      // Other packages matter only as direct dependencies, which may bring a nested copy of tfjs.
      if (!isTfjs(name) && depth > 0) continue;
      const installed = resolveFrom(directory, name);
      if (installed === undefined) continue;
      const { version } = readManifest(installed);
      if (isTfjs(name)) {
        imports.push({ importer, imported: { name, version, directory: installed } });
      }
      visit(installed, name, depth + 1);
    }
  };
  for (const root of roots) {
    const { name } = readManifest(root);
    visit(realpathSync(root), root === roots[0] ? 'this application' : name, 0);
  }
  return imports;
};

/**
 * The directory of this package. Its imports count too, because an application may link to it from
 * elsewhere.
 */
const thisPackage = (): string[] => {
  const directory = packageAround(dirname(fileURLToPath(import.meta.url)));
  return directory === undefined ? [] : [directory];
};

const importsOf = (application: string, others: readonly string[]): TfjsImport[] =>
  findImports([packageAround(application) ?? application, ...others]);

const distinct = (packages: readonly TfjsPackage[]): TfjsPackage[] => [
  ...new Map(packages.map((tfjsPackage) => [tfjsPackage.directory, tfjsPackage])).values(),
];

/**
 * Finds the tfjs packages that an application, its direct dependencies and this package import.
 *
 * @param application a directory in the application. Default: the working directory
 * @param others directories of other packages that run in the same process. Default: this package
 */
export const findTfjsPackages = (
  application: string = process.cwd(),
  others: readonly string[] = thisPackage(),
): TfjsPackage[] =>
  distinct(importsOf(application, others).map(({ imported }) => imported)).toSorted((a, b) =>
    a.name.localeCompare(b.name),
  );

const findDuplicates = (
  application: string = process.cwd(),
  others: readonly string[] = thisPackage(),
): TfjsCopy[] => {
  const imports = importsOf(application, others).filter(
    ({ imported }) => imported.name === tfjsCore,
  );
  const copies = distinct(imports.map(({ imported }) => imported)).map((copy) => ({
    ...copy,
    usedBy: [
      ...new Set(
        imports
          .filter(({ imported }) => imported.directory === copy.directory)
          .map(({ importer }) => importer),
      ),
    ],
  }));
  return copies.length > 1 ? copies : [];
};

/**
 * Finds the copies of tfjs-core that one process would load. Each copy has its own engine, which
 * doesn't know the tensors and backends of the others.
 *
 * @param application a directory in the application. Default: the working directory
 * @param others directories of other packages that run in the same process. Default: this package
 * @returns every copy if there are several; otherwise an empty array
 */
export const findDuplicateTfjs = checkedFunction(
  'findDuplicateTfjs()',
  { application: optional(kinds.string), others: optional(kinds.object) },
  findDuplicates,
);
