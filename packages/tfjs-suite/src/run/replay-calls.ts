import { TraceError, trace } from '@elistimator/graph';
import { Tensor, tidy } from '@tensorflow/tfjs-core';
import { callHook } from './call-hook';
import { isWithinKernelOrGradient } from './tfjs-internals';

type Outcome = 'same' | 'wrong' | 'refused' | 'failed' | 'skipped';

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Replaces the tensors in a value that consists of lists and plain objects. */
const mapTensors = (value: unknown, replace: (tensor: Tensor) => unknown): unknown => {
  if (value instanceof Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((element) => mapTensors(element, replace));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [key, mapTensors(element, replace)]),
  );
};

const tensorsOf = (value: unknown): Tensor[] => {
  const tensors: Tensor[] = [];
  mapTensors(value, (tensor) => tensors.push(tensor));
  return tensors;
};

const isReplayable = ({ dtype, size, isDisposed }: Tensor): boolean =>
  (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') && size > 0 && !isDisposed;

/** Describes the first difference, bit for bit; undefined if there is none. */
const difference = (actual: Tensor, expected: Tensor): string | undefined => {
  if (actual.dtype !== expected.dtype) return `${actual.dtype} instead of ${expected.dtype}`;
  if (String(actual.shape) !== String(expected.shape)) {
    return `shape [${actual.shape}] instead of [${expected.shape}]`;
  }
  const values = actual.dataSync();
  const wanted = expected.dataSync();
  const at = wanted.findIndex(
    // A zero may have another sign.
    (value, index) => value !== values[index] && !Object.is(value, values[index]),
  );
  return at < 0 ? undefined : `${values[at]} instead of ${wanted[at]} at ${at}`;
};

/** Traces a call, replays the graph, and compares the results with those of the call. */
const replayCall = (
  operation: (...args: unknown[]) => unknown,
  args: unknown[],
  result: unknown,
): [Outcome, string] => {
  const inputs = [...new Set(tensorsOf(args))];
  const expected = tensorsOf(result);
  if (inputs.length === 0 || expected.length === 0 || isWithinKernelOrGradient()) {
    return ['skipped', ''];
  }
  if (![...inputs, ...expected].every(isReplayable)) return ['skipped', ''];
  const names = new Map(inputs.map((tensor, index) => [tensor, `input${index}`]));
  const specs = Object.fromEntries(
    inputs.map((tensor, index) => [
      `input${index}`,
      { shape: tensor.shape, dtype: tensor.dtype as 'float32' | 'int32' | 'bool' },
    ]),
  );
  try {
    const graph = trace(
      (given) =>
        tensorsOf(
          operation(...args.map((arg) => mapTensors(arg, (t) => given[names.get(t) ?? '']))),
        ),
      specs,
      { name: 'call' },
    );
    const feeds = Object.fromEntries(inputs.map((tensor, index) => [`input${index}`, tensor]));
    const actual = tensorsOf(graph.runSignature('call', feeds).outputs);
    if (actual.length !== expected.length) {
      return ['wrong', `${actual.length} outputs instead of ${expected.length}`];
    }
    const differences = actual.map((tensor, index) =>
      difference(tensor, expected[index] ?? tensor),
    );
    const first = differences.find((text) => text !== undefined);
    return first === undefined ? ['same', ''] : ['wrong', first];
  } catch (error) {
    if (error instanceof TraceError) return ['refused', error.kind ?? error.message];
    return ['failed', String(error)];
  }
};

/** Traces and replays the outermost operations that specs call, and collects the outcomes. */
export class CallReplays {
  readonly counts: Record<Outcome, number> = {
    same: 0,
    wrong: 0,
    refused: 0,
    failed: 0,
    skipped: 0,
  };
  #problems: string[] = [];
  #isInCall = false;

  /** Makes every operation of tfjs be replayed when it is called. */
  install(): void {
    callHook.run = (name, operation, args) => {
      if (this.#isInCall) return operation(...args);
      this.#isInCall = true;
      try {
        const result = operation(...args);
        tidy(() => this.#replay(name.replace('__op', ''), operation, args, result));
        return result;
      } finally {
        this.#isInCall = false;
      }
    };
  }

  /** The problems since the last call, each as operation, outcome and reason. */
  takeProblems(): string[] {
    const problems = this.#problems;
    this.#problems = [];
    return problems;
  }

  #replay(
    name: string,
    operation: (...args: unknown[]) => unknown,
    args: unknown[],
    result: unknown,
  ): void {
    const [outcome, reason] = replayCall(operation, args, result);
    this.counts[outcome] += 1;
    if (outcome !== 'same' && outcome !== 'skipped') {
      this.#problems.push(`${name} ${outcome}: ${reason}`);
    }
  }
}
