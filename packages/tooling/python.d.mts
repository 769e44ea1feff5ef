/** A Python interpreter with TensorFlow, TensorBoard and tqdm, or the reason why there is none. */
export type PythonOracle =
  | { python: string; reason?: undefined }
  | { python?: undefined; reason: string };

/**
 * Finds or installs the Python packages that tests use as oracles. They are kept in a cached virtual
 * environment outside the checkout; `ELISTIMATOR_PYTHON` names an interpreter to use instead.
 * Concurrent callers wait for one install.
 */
export function pythonOracle(): Promise<PythonOracle>;

/**
 * Runs Python source with `argv` as `sys.argv[1:]` and `stdin` as standard input.
 *
 * @returns its standard output, parsed as JSON
 * @throws Error with Python's stderr if it exits with a status other than 0
 */
export function runPython<T = unknown>(
  python: string,
  source: string,
  argv?: readonly string[],
  stdin?: string,
): T;
