import { describeLibrary } from './inspect-library';
import { installCommand } from './install-command';
import { isSupported } from './library-files';
import { LibtensorflowNotFoundError } from './libtensorflow-not-found-error';
import type { Machine } from './machine';
import { lookAtPath } from './places/explicit';
import type { Place } from './places/place';
import { pythonPlaces } from './places/python';
import { systemPlaces } from './places/system';
import { tfjsNodePlaces } from './places/tfjs-node';
import type { FoundLibtensorflow, LibrarySource, Look, SearchReport } from './search-report';

/** The variable that names a libtensorflow, or a place that holds one. */
export const pathVariable = 'ELISTIMATOR_LIBTENSORFLOW';

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const takeNamed = (
  subject: string,
  path: string,
  source: LibrarySource,
  machine: Machine,
): FoundLibtensorflow => {
  try {
    return lookAtPath(path, source, machine);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new LibtensorflowNotFoundError(
      {
        subject,
        expected:
          'a libtensorflow of this machine, a directory that holds one, or a Python environment with TensorFlow',
        actual: `'${path}': ${reason}`,
        fix: `Correct the path, leave it out to have this machine searched, or run: ${installCommand(machine)}`,
      },
      [{ place: path, outcome: reason }],
      { cause },
    );
  }
};

/** What somebody asked for by name. Nothing else is searched then. */
const named = (path: string | undefined, machine: Machine): FoundLibtensorflow | undefined => {
  if (path !== undefined) return takeNamed('option path', path, 'option', machine);
  const fromEnvironment = machine.env[pathVariable];
  return fromEnvironment
    ? takeNamed(pathVariable, fromEnvironment, 'environment', machine)
    : undefined;
};

/**
 * Looks at the places in their order.
 *
 * @param all whether to go on after the first library
 */
export const searchPlaces = async (
  places: readonly Place[],
  all: boolean,
): Promise<SearchReport> => {
  const libraries = new Map<string, FoundLibtensorflow>();
  const looked: Look[] = [];
  for (const { place, look } of places) {
    if (libraries.size > 0 && !all) break;
    try {
      const library = await look();
      const known = libraries.has(library.path);
      if (!known) libraries.set(library.path, library);
      const outcome = known ? `again ${library.path}` : describeLibrary(library);
      looked.push({ place, outcome });
    } catch (error) {
      looked.push({ place, outcome: reasonOf(error) });
    }
  }
  const [found, ...alternatives] = libraries.values();
  return { ...(found === undefined ? {} : { found }), alternatives, looked };
};

/**
 * Searches a machine.
 *
 * @throws LibtensorflowNotFoundError when the path given, or the variable's, holds no libtensorflow.
 */
export const search = async (
  path: string | undefined,
  all: boolean,
  machine: Machine,
): Promise<SearchReport> => {
  const { platform } = machine;
  if (!isSupported(platform)) {
    const outcome =
      'no libtensorflow of this platform can be opened yet; Linux and macOS are supported';
    return { alternatives: [], looked: [{ place: platform, outcome }] };
  }
  const library = named(path, machine);
  const places = [...tfjsNodePlaces(machine), ...pythonPlaces(machine), ...systemPlaces(machine)];
  if (library === undefined) {
    const report = await searchPlaces(places, all);
    return { ...report, looked: [{ place: pathVariable, outcome: 'not set' }, ...report.looked] };
  }
  const place = library.source === 'option' ? 'option path' : pathVariable;
  return searchPlaces([{ place, look: () => library }, ...places], all);
};
