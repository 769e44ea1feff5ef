import { existsSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A platform's file names. Wheels call the library `libtensorflow_cc`, TensorFlow's archives `libtensorflow`. */
interface FileNames {
  readonly library: RegExp;
  readonly framework: RegExp;
}

const fileNames: Readonly<Partial<Record<NodeJS.Platform, FileNames>>> = {
  linux: {
    library: /^libtensorflow(_cc)?\.so(\.[\d.]+)?$/,
    framework: /^libtensorflow_framework\.so(\.[\d.]+)?$/,
  },
  darwin: {
    library: /^libtensorflow(_cc)?(\.[\d.]+)?\.dylib$/,
    framework: /^libtensorflow_framework(\.[\d.]+)?\.dylib$/,
  },
};

/** True if this package can open the TensorFlow libraries of a platform. */
export const isSupported = (platform: NodeJS.Platform): boolean =>
  fileNames[platform] !== undefined;

export const isLibraryName = (platform: NodeJS.Platform, name: string): boolean =>
  fileNames[platform]?.library.test(name) ?? false;

/** The version at the end of a library's file name, such as `libtensorflow.so.2.9.1`. */
export const versionInName = (name: string): string | undefined =>
  /^libtensorflow.*?\.(\d+\.\d+\.\d+)(?:\.dylib)?$/.exec(name)?.[1];

/** The names in a directory, sorted; empty if it can't be read. */
export const listDirectory = (directory: string): string[] => {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
};

/** The first matching file of a directory. Files that exist precede dangling links. */
const findMatch = (directory: string, pattern: RegExp | undefined): string | undefined => {
  const files = listDirectory(directory)
    .filter((name) => pattern?.test(name))
    .map((name) => join(directory, name));
  return files.find((file) => existsSync(file)) ?? files[0];
};

/** The libtensorflow in a directory, by name. It may be a dangling link. */
export const findLibraryIn = (platform: NodeJS.Platform, directory: string): string | undefined =>
  findMatch(directory, fileNames[platform]?.library);

/** The framework library next to a library, or next to the file it links to. */
export const findFramework = (platform: NodeJS.Platform, file: string): string | undefined => {
  for (const directory of new Set([dirname(realpathSync(file)), dirname(file)])) {
    const framework = findMatch(directory, fileNames[platform]?.framework);
    if (framework !== undefined && existsSync(framework)) return realpathSync(framework);
  }
  return undefined;
};

/** Explains why a file doesn't exist, naming the target of a dangling link. */
export const whyMissing = (file: string): string => {
  try {
    return `${file} links to ${readlinkSync(file)}, which does not exist`;
  } catch {
    return `${file} does not exist`;
  }
};
