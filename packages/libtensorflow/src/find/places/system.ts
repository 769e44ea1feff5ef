import { basename, delimiter, join } from 'node:path';
import { inspectLibrary } from '../inspect-library';
import { isLibraryName, libraryIn } from '../library-files';
import type { Machine } from '../machine';
import type { Place } from './place';

const inDirectory = (place: string, directory: string, machine: Machine): Place => ({
  place,
  look: () => {
    const file = libraryIn(machine.platform, directory);
    if (file === undefined) throw new Error('no libtensorflow in it');
    return inspectLibrary(file, { source: 'system' }, machine);
  },
});

/** `/sbin` is not on everybody's path. */
const listCache = (machine: Machine): Promise<string> =>
  machine.run('ldconfig', ['-p']).catch(() => machine.run('/sbin/ldconfig', ['-p']));

/** What the loader's cache lists: lines of `name (kind) => path`. */
const loaderCache = (machine: Machine): Place => ({
  place: 'ldconfig -p',
  look: async () => {
    const files = (await listCache(machine))
      .split('\n')
      .flatMap((line) => line.split(' => ').slice(1))
      .map((file) => file.trim());
    const file = files.find((path) => isLibraryName(machine.platform, basename(path)));
    if (file === undefined) throw new Error('no libtensorflow in it');
    return inspectLibrary(file, { source: 'system' }, machine);
  },
});

/** Where the system's loader would look. */
export const systemPlaces = (machine: Machine): Place[] => {
  const { platform, env } = machine;
  const variable = platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const named = (env[variable] ?? '').split(delimiter).filter(Boolean);
  const homebrew = env.HOMEBREW_PREFIX ? [join(env.HOMEBREW_PREFIX, 'lib')] : [];
  return [
    ...named.map((directory) => inDirectory(`${variable} ${directory}`, directory, machine)),
    ...(platform === 'linux' ? [loaderCache(machine)] : []),
    ...[...new Set([...homebrew, ...machine.libraryDirectories])].map((directory) =>
      inDirectory(directory, directory, machine),
    ),
  ];
};
