import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listDirectory } from '../list-directory';

/** What the files of an installed TensorFlow tell of it, without Python. */
export interface TensorflowFolder {
  /** Of the distribution, such as `2.21.0`. */
  readonly version?: string;
  readonly cuda?: boolean;
  /** Directories of the CUDA libraries that pip installed beside it. */
  readonly cudaLibraryDirectories: readonly string[];
}

/** Every distribution that holds the module: `tensorflow_cpu-2.21.0.dist-info`, `tf_nightly-…`. */
const distribution =
  /^(?:intel[_-])?(?:tensorflow(?:[_-](?:cpu|gpu|macos|rocm|aarch64|cpu[_-]aws|intel))?|tf[_-]nightly(?:[_-](?:cpu|gpu))?)-(\d[^-]*?)(?:-py[\d.]+)?\.(?:dist|egg)-info$/i;

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const cudaOf = (folder: string): boolean | undefined => {
  const written = /'is_cuda_build',?:?\s*(True|False)/.exec(
    read(join(folder, 'python', 'platform', 'build_info.py')),
  );
  return written ? written[1] === 'True' : undefined;
};

/** Whether a directory is the module `tensorflow` of a Python. */
export const isTensorflowFolder = (folder: string): boolean =>
  existsSync(join(folder, '__init__.py')) && existsSync(join(folder, 'python'));

/**
 * Reads version and kind of build.
 *
 * @param folder the module `tensorflow` in a site-packages directory
 */
export const readTensorflowFolder = (folder: string): TensorflowFolder => {
  const sitePackages = dirname(folder);
  const [version] = listDirectory(sitePackages).flatMap(
    (name) => distribution.exec(name)?.[1] ?? [],
  );
  const cuda = cudaOf(folder);
  const nvidia = join(sitePackages, 'nvidia');
  return {
    ...(version === undefined ? {} : { version }),
    ...(cuda === undefined ? {} : { cuda }),
    cudaLibraryDirectories: listDirectory(nvidia)
      .map((part) => join(nvidia, part, 'lib'))
      .filter((directory) => listDirectory(directory).some((name) => name.includes('.so'))),
  };
};
