/** A Python interpreter that has TensorFlow, TensorBoard and tqdm, or why there is none. */
export type PythonOracle =
  | { python: string; reason?: undefined }
  | { python?: undefined; reason: string };

/**
 * Finds or installs the Python packages that tests use as oracles, in a cached virtual environment
 * outside the checkout (`ELISTIMATOR_PYTHON` names an interpreter to use instead).
 * Installing happens once: concurrent callers wait for the first.
 */
export function pythonOracle(): Promise<PythonOracle>;

/**
 * Runs Python source with `argv` as `sys.argv[1:]` and `stdin`, and parses what it prints as JSON.
 *
 * @throws Error with Python's own stderr when it exits with another status than 0.
 */
export function runPython<T = unknown>(
  python: string,
  source: string,
  argv?: readonly string[],
  stdin?: string,
): T;
