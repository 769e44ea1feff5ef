import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The part of tfjs-node's package.json that says where node-pre-gyp puts its addon. */
interface BinaryManifest {
  readonly version: string;
  readonly binary: {
    readonly module_name: string;
    readonly module_path: string;
    readonly napi_versions: readonly number[];
  };
}

/** A tfjs-node package and the place of its native addon, which may be empty. */
export interface Addon {
  /** Of the npm package. */
  readonly packageVersion: string;
  /** Absolute path where the addon has to be. */
  readonly path: string;
}

/**
 * Says where a tfjs-node package keeps its native addon: under the newest N-API version that both
 * the package and this Node know, as node-pre-gyp chooses it.
 *
 * @param packageFile absolute path of the package.json of tfjs-node or tfjs-node-gpu
 * @param napiVersion the N-API version of the running Node
 */
export const findAddon = (
  packageFile: string,
  napiVersion: number = Number(process.versions.napi),
): Addon => {
  const { version, binary }: BinaryManifest = JSON.parse(readFileSync(packageFile, 'utf8'));
  const napi = Math.max(...binary.napi_versions.filter((known) => known <= napiVersion));
  const folder = binary.module_path.replace('{napi_build_version}', String(napi));
  return {
    packageVersion: version,
    path: join(dirname(packageFile), folder, `${binary.module_name}.node`),
  };
};
