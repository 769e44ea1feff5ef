/** The first TensorFlow whose C API has every function that this package declares. */
export const minimumVersion = '2.4';

const numbers = (version: string): number[] => version.split('.').map((part) => parseInt(part, 10));

/** Whether this package can use a TensorFlow of that version. */
export const isVersionSupported = (version: string): boolean => {
  const [major = 0, minor = 0] = numbers(version);
  const [leastMajor = 0, leastMinor = 0] = numbers(minimumVersion);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
};

/** The version that a library's file name ends with: `libtensorflow.so.2.9.1`. */
export const versionInName = (name: string): string | undefined =>
  /^libtensorflow.*?\.(\d+\.\d+\.\d+)(?:\.dylib)?$/.exec(name)?.[1];
