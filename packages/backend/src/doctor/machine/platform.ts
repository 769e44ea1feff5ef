import { availableParallelism, totalmem } from 'node:os';
import type { PlatformFacts } from '../doctor-report';

/** The oldest Node that this package supports. */
export const minimumNode = '20.19.0';

/** Whether a version is another or newer, by its three numbers. */
export const isAtLeast = (version: string, minimum: string): boolean => {
  const parts = version.split('.').map(Number);
  for (const [at, least] of minimum.split('.').map(Number).entries()) {
    const part = parts[at] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
};

/** What Node's diagnostic report says of the C library. */
interface ReportHeader {
  readonly header?: { readonly glibcVersionRuntime?: string };
}

const libcOf = (): string | undefined => {
  if (process.platform !== 'linux') return undefined;
  const { header }: ReportHeader = process.report.getReport();
  const version = header?.glibcVersionRuntime;
  return version === undefined ? 'musl' : `glibc ${version}`;
};

/** Reads what this process runs on. */
export const platformFacts = (): PlatformFacts => {
  const libc = libcOf();
  return {
    node: process.versions.node,
    nodeSupported: isAtLeast(process.versions.node, minimumNode),
    platform: process.platform,
    arch: process.arch,
    ...(libc === undefined ? {} : { libc }),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
  };
};
