import { findLibtensorflow, LibtensorflowNotFoundError } from '@elistimator/libtensorflow';
import { libraryFacts } from './diagnose';
import type { LibtensorflowFacts } from './doctor-report';
import { type ProbeSettings, runProbe } from './probe/run-probe';

/** Searches libtensorflow, and opens what it finds in a process of its own. */
export const libtensorflowFacts = async (settings: ProbeSettings): Promise<LibtensorflowFacts> => {
  const { cwd, env } = settings;
  try {
    const report = await findLibtensorflow({ cwd, env, all: true });
    const { found } = report;
    if (found === undefined) return { ...report, devices: [] };
    return { ...report, ...libraryFacts(await runProbe(['library', found.path], settings)) };
  } catch (error) {
    // The environment names a library, and there is none.
    if (!(error instanceof LibtensorflowNotFoundError)) throw error;
    return { alternatives: [], looked: error.looked, devices: [], problem: error.message };
  }
};
