import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** An installed package, and the `require` that resolves it. */
export interface ResolvedPackage {
  readonly require: NodeJS.Require;
  /** Absolute path of its package.json. */
  readonly packageFile: string;
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';

/**
 * Resolves an optional package, first from the application, whose version takes precedence, then
 * from this package. The two may be installed apart, for example in a workspace or through a link.
 *
 * @param name the package's npm name
 * @param application the application's directory. Default: the working directory
 * @returns undefined if it is installed in neither
 */
export const resolvePackage = (
  name: string,
  application: string = process.cwd(),
): ResolvedPackage | undefined => {
  for (const from of [pathToFileURL(join(application, 'package.json')).href, import.meta.url]) {
    const require = createRequire(from);
    try {
      return { require, packageFile: require.resolve(`${name}/package.json`) };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return undefined;
};

/** The fields of tfjs-node's package.json that tell node-pre-gyp where to put the addon. */
interface AddonManifest {
  readonly version: string;
  readonly binary: {
    readonly module_name: string;
    readonly module_path: string;
    readonly napi_versions: readonly number[];
  };
}

const hasBinary = (json: unknown): json is { readonly version: unknown; readonly binary: object } =>
  typeof json === 'object' &&
  json !== null &&
  'version' in json &&
  'binary' in json &&
  typeof json.binary === 'object' &&
  json.binary !== null;

const isAddonManifest = (json: unknown): json is AddonManifest => {
  if (!hasBinary(json)) return false;
  const { module_name, module_path, napi_versions }: Partial<Record<string, unknown>> = {
    ...json.binary,
  };
  return (
    typeof json.version === 'string' &&
    typeof module_name === 'string' &&
    typeof module_path === 'string' &&
    Array.isArray(napi_versions) &&
    napi_versions.every((version) => typeof version === 'number')
  );
};

/** The native addon of a tfjs-node package. The file need not exist. */
export interface Addon {
  readonly packageVersion: string;
  readonly path: string;
}

/**
 * Computes the path of a tfjs-node package's native addon. Like node-pre-gyp, it uses the newest
 * Node-API version that both the package and this Node support.
 *
 * @param packageFile absolute path of the package.json of tfjs-node or tfjs-node-gpu
 * @param napiVersion Node-API version of the running Node
 * @throws Error if the package.json has no such fields.
 */
export const findAddon = (
  packageFile: string,
  napiVersion: number = Number(process.versions.napi),
): Addon => {
  const manifest: unknown = JSON.parse(readFileSync(packageFile, 'utf8'));
  if (!isAddonManifest(manifest)) throw new Error(`${packageFile} does not describe its addon`);
  const { version, binary } = manifest;
  const napi = Math.max(...binary.napi_versions.filter((supported) => supported <= napiVersion));
  const directory = binary.module_path.replace('{napi_build_version}', String(napi));
  return {
    packageVersion: version,
    path: join(dirname(packageFile), directory, `${binary.module_name}.node`),
  };
};

type Predicate = (value: unknown) => boolean;

/**
 * Functions of `node:util` that tfjs-node 4.22 calls. Node 23 removed `isNullOrUndefined`; on Node
 * 22 both print a deprecation warning.
 */
const utilShims: Readonly<Record<string, Predicate>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: Array.isArray,
};

/**
 * Adds the functions that tfjs-node calls to `node:util`, on versions of Node where they are
 * missing or deprecated.
 *
 * @param nodeMajor major version of the running Node
 */
export const shimUtil = (
  nodeMajor: number = Number.parseInt(process.versions.node, 10),
  util: Record<string, unknown> = createRequire(import.meta.url)('node:util'),
): void => {
  for (const [name, shim] of Object.entries(utilShims)) {
    if (nodeMajor >= 22 || util[name] === undefined) util[name] = shim;
  }
};
