import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package of TensorFlow.js on disk. */
export interface TfjsPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute, with links resolved. */
  readonly directory: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
}

const isTfjs = (name: string): boolean => name.startsWith('@tensorflow/tfjs');

/** A directory and all above it, nearest first. */
export const ancestors = (directory: string): string[] => {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...ancestors(parent)];
};

/** Where an import in a directory finds a package, whatever its `exports` say. */
const packageFrom = (directory: string, name: string): string | undefined => {
  const found = ancestors(directory)
    .map((folder) => join(folder, 'node_modules', name))
    .find((folder) => existsSync(join(folder, 'package.json')));
  return found === undefined ? undefined : realpathSync(found);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A damaged manifest counts as an empty one: who complains of it is Node, or npm. */
const readJson = (file: string): Readonly<Record<string, unknown>> => {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
};

const dependencyLists = [
  'dependencies',
  'peerDependencies',
  'optionalDependencies',
  'devDependencies',
] as const;

const readManifest = (directory: string): Manifest => {
  const json = readJson(join(directory, 'package.json'));
  const { name, version } = json;
  return {
    name: typeof name === 'string' ? name : 'this application',
    version: typeof version === 'string' ? version : '',
    dependencies: [
      ...new Set(
        dependencyLists.flatMap((list) => {
          const dependencies = json[list];
          return isObject(dependencies) ? Object.keys(dependencies) : [];
        }),
      ),
    ],
  };
};

/** A package that imports one of tfjs. */
export interface TfjsImport {
  /** Its name; `this application` for the first root. */
  readonly by: string;
  readonly of: TfjsPackage;
}

/** Every import of a tfjs package that follows from the packages in some directories. */
export const tfjsImports = (roots: readonly string[]): TfjsImport[] => {
  const imports: TfjsImport[] = [];
  const visited = new Set<string>();
  const visit = (directory: string, by: string, depth: number): void => {
    if (visited.has(directory)) return;
    visited.add(directory);
    for (const name of readManifest(directory).dependencies) {
      // Others matter at the first level only, where one may bring a tfjs of its own.
      if (!isTfjs(name) && depth > 0) continue;
      const found = packageFrom(directory, name);
      if (found === undefined) continue;
      const { version } = readManifest(found);
      if (isTfjs(name)) imports.push({ by, of: { name, version, directory: found } });
      visit(found, name, depth + 1);
    }
  };
  for (const root of roots) {
    const { name } = readManifest(root);
    visit(realpathSync(root), root === roots[0] ? 'this application' : name, 0);
  }
  return imports;
};
