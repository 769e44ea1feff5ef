import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listDirectory } from './list-directory';

/** File names of one platform. The wheels call it `libtensorflow_cc`, TensorFlow's own archive `libtensorflow`. */
interface FileNames {
  readonly library: RegExp;
  readonly framework: RegExp;
}

const names: Readonly<Partial<Record<NodeJS.Platform, FileNames>>> = {
  linux: {
    library: /^libtensorflow(_cc)?\.so(\.[\d.]+)?$/,
    framework: /^libtensorflow_framework\.so(\.[\d.]+)?$/,
  },
  darwin: {
    library: /^libtensorflow(_cc)?(\.[\d.]+)?\.dylib$/,
    framework: /^libtensorflow_framework(\.[\d.]+)?\.dylib$/,
  },
};

/** Whether there are TensorFlow libraries of a form that this package can open. */
export const isSupported = (platform: NodeJS.Platform): boolean => names[platform] !== undefined;

export const isLibraryName = (platform: NodeJS.Platform, name: string): boolean =>
  names[platform]?.library.test(name) ?? false;

/** A file that matches in a directory: one that exists rather than a link that leads nowhere. */
const matching = (directory: string, pattern: RegExp | undefined): string | undefined => {
  const files = listDirectory(directory)
    .filter((name) => pattern?.test(name))
    .map((name) => join(directory, name));
  return files.find((file) => existsSync(file)) ?? files[0];
};

/** The libtensorflow in a directory, by its name; perhaps a link that leads nowhere. */
export const libraryIn = (platform: NodeJS.Platform, directory: string): string | undefined =>
  matching(directory, names[platform]?.library);

/** The framework library beside a library, or beside what it links to. */
export const frameworkBeside = (platform: NodeJS.Platform, file: string): string | undefined => {
  for (const directory of new Set([dirname(realpathSync(file)), dirname(file)])) {
    const found = matching(directory, names[platform]?.framework);
    if (found !== undefined && existsSync(found)) return realpathSync(found);
  }
  return undefined;
};

/** Why a file that is named somewhere is not there: a link that leads nowhere says where it leads. */
export const whyMissing = (file: string): string => {
  try {
    return `${file} links to ${readlinkSync(file)}, which does not exist`;
  } catch {
    return `${file} does not exist`;
  }
};
