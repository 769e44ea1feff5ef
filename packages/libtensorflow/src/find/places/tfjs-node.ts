import { join } from 'node:path';
import { inspectLibrary } from '../inspect-library';
import { libraryIn } from '../library-files';
import type { Machine } from '../machine';
import type { Place } from './place';

type PackageName = 'tfjs-node-gpu' | 'tfjs-node';

const place = (name: PackageName, machine: Machine): Place => ({
  place: `@tensorflow/${name}`,
  look: () => {
    const directory = machine.packageDirectory(`@tensorflow/${name}`);
    if (directory === undefined) throw new Error('not installed');
    const libraries = join(directory, 'deps', 'lib');
    const file = libraryIn(machine.platform, libraries);
    if (file === undefined) {
      throw new Error(
        `${libraries} has no libtensorflow: its install script did not run, or failed`,
      );
    }
    // What is linked there need not be what tfjs would have downloaded, so nothing follows for CUDA.
    return inspectLibrary(file, { source: name }, machine);
  },
});

/** The libraries that the install scripts of tfjs-node download, or that were linked in their place. */
export const tfjsNodePlaces = (machine: Machine): Place[] => [
  place('tfjs-node-gpu', machine),
  place('tfjs-node', machine),
];
