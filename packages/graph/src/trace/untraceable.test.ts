import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InputSpec } from './inputs';
import { type TraceOptions, trace } from './trace';
import { TraceError } from './trace-error';
import type { TracedFunction } from './tracer';

type Inputs = { x: tf.Tensor2D };
const x = { x: { shape: [null, 4] } } satisfies Record<string, InputSpec>;

/** The error of a function of one input `x`, `[batch, 4]`. */
const errorOf = (
  fn: (inputs: Inputs) => unknown,
  options: TraceOptions = {},
  inputs: Record<string, InputSpec> = x,
): TraceError => {
  try {
    trace(fn as unknown as TracedFunction, inputs, options);
  } catch (error) {
    if (error instanceof TraceError) return error;
    throw error;
  }
  throw new RangeError('It was traced.');
};

const variable = (value: number, name?: string): tf.Variable =>
  tf.tidy(() => tf.variable(tf.scalar(value), true, name));

beforeAll(async () => {
  await tf.setBackend('cpu');
});

let tensors: number;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});

afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensors);
  expect(tf.engine().state.scopeStack).toEqual([]);
});

describe('values read in JavaScript', () => {
  test.each<[string, (tensor: tf.Tensor) => unknown]>([
    ['dataSync', (tensor) => tensor.dataSync()],
    ['arraySync', (tensor) => tensor.arraySync()],
    ['data', (tensor) => tensor.data()],
    ['array', (tensor) => tensor.array()],
    ['print', (tensor) => tensor.print()],
    ['bufferSync', (tensor) => tensor.bufferSync()],
  ])('%s', (_, read) => {
    const error = errorOf((inputs) => {
      const sum = tf.tidy('total', () => inputs.x.sum());
      read(sum);
      return sum;
    });
    expect(error).toMatchObject({ kind: 'read' });
    expect(error.message).toMatch(
      /^Can't be traced: reading the values of "total\/Sum" in JavaScript: expected operations on tensors, got a value that only a run of the graph computes\. Remove dataSync\(\)/,
    );
  });

  test('control flow on data', () => {
    const error = errorOf((inputs) =>
      (inputs.x.sum().dataSync()[0] ?? 0) > 1 ? inputs.x.neg() : inputs.x,
    );
    expect(error.message).toContain('Use tf.where() instead of if');
  });

  test('of an input and of a variable', () => {
    const weights = variable(1, 'weights');
    expect(errorOf((inputs) => inputs.x.dataSync()).message).toContain('the input "x"');
    expect(errorOf(() => weights.dataSync()).message).toContain('the variable "weights"');
  });

  test('even when the function catches what is thrown', () => {
    const error = errorOf((inputs) => {
      try {
        inputs.x.dataSync();
      } catch {
        // As code that logs does.
      }
      return inputs.x;
    });
    expect(error.kind).toBe('read');
  });

  test('tf.whereAsync, whose shape depends on the data', () => {
    const error = errorOf((inputs) => {
      void tf.whereAsync(inputs.x.greater(0.5));
      return inputs.x;
    });
    expect(error.message).toContain('"greater/Greater"');
    expect(error.message).toContain('a mask instead of a selection of elements (tf.whereAsync');
  });

  test('tf.booleanMaskAsync', () => {
    const error = errorOf((inputs) => {
      void tf.booleanMaskAsync(inputs.x, inputs.x.greater(0.5));
      return inputs.x;
    });
    expect(error.kind).toBe('read');
  });
});

describe('values that differ from call to call', () => {
  const RANDOM =
    'a random number drawn in JavaScript, which would be the same in every run of the graph';

  test.each<[string, string, (inputs: Inputs) => tf.Tensor]>([
    ['tf.randomUniform', 'randomUniform/Const', ({ x }) => x.mul(tf.randomUniform([4]))],
    ['tf.randomNormal', 'randomNormal/Const', ({ x }) => x.mul(tf.randomNormal([4]))],
    ['tf.truncatedNormal', 'truncatedNormal/Const', ({ x }) => x.mul(tf.truncatedNormal([4]))],
    ['tf.dropout', 'dropout/Const', ({ x }) => tf.dropout(x.mean(0), 0.5)],
    ['tf.multinomial', 'multinomial', ({ x }) => tf.multinomial(x, 1)],
  ])('%s', (_, operation, fn) => {
    const error = errorOf((inputs) => fn(inputs));
    expect(error).toMatchObject({ kind: 'changing', actual: RANDOM });
    expect(error.operation).toContain(operation);
    expect(error.fix).toContain('randomTensor()');
  });

  test('random numbers for each example', () => {
    const error = errorOf(({ x }) => x.mul(tf.randomUniform(x.shape)));
    expect(error).toMatchObject({ kind: 'changing', actual: RANDOM });
    const seeded = errorOf(({ x }) => x.mul(tf.randomUniform(x.shape, 0, 1, 'float32', 3)));
    expect(seeded).toMatchObject({
      kind: 'batch-size',
      actual: 'random numbers drawn in JavaScript, one for each example',
    });
  });

  test.each<[string, () => number]>([
    ['Math.random()', () => Math.random()],
    ['Date.now()', () => Date.now()],
    ['performance.now()', () => performance.now()],
  ])('%s', (_, value) => {
    const error = errorOf(({ x }) => tf.tidy('scaled', () => x.mul(value())));
    expect(error.message).toMatch(
      /^Can't be traced: "scaled\/Const": expected constants that are the same in every call, got a value that differs from call to call \(a random number, the time, a counter\)\. /,
    );
  });

  test('a counter in an attribute', () => {
    let calls = 0;
    const error = errorOf(({ x }) => tf.leakyRelu(x, ++calls));
    expect(error).toMatchObject({ kind: 'changing', operation: 'leakyRelu' });
  });

  test('a counter that decides between operations', () => {
    let calls = 0;
    const error = errorOf(({ x }) => (++calls % 2 ? x.sin() : x.cos()));
    expect(error.message).toContain(
      'the operation "sin" (Sin): expected the same operations in the same order in ' +
        'every call, got "Cos" in its place in another call. Use tf.where() instead of if',
    );
  });

  test('steps that no output needs may differ', () => {
    const graph = trace(({ x }) => {
      tf.randomNormal([3]).mul(Date.now());
      return { doubled: (x as tf.Tensor).mul(2) };
    }, x);
    expect(graph.operations.map(({ name }) => name)).toEqual(['x', 'mul/Const', 'mul']);
  });
});

describe('the batch size', () => {
  test('in a number that is not a polynomial of it', () => {
    const error = errorOf(({ x }) => x.mul(Math.sqrt(x.shape[0])));
    expect(error).toMatchObject({ kind: 'batch-size', operation: 'mul/Const' });
    expect(error.message).toContain('numbers of the form a + b·B + c·B²');
    expect(error.message).toContain('2.2360680103302 at batch size 5');
  });

  test('in half of it', () => {
    const error = errorOf(({ x }) => x.slice([0, 0], [Math.floor(x.shape[0] / 2), 4]));
    expect(error).toMatchObject({ kind: 'batch-size', operation: 'slice' });
  });

  test('as a loop over the examples', () => {
    const error = errorOf(({ x }) => tf.stack(tf.unstack(x).map((row) => row.sum())));
    expect(error.kind).toBe('batch-size');
    expect(error.message).toContain('at batch size 2 and batch size 3');
    expect(error.fix).toContain(
      'Replace loops over the batch or another open dimension by operations on the whole tensor',
    );
  });

  test('in a list made in JavaScript', () => {
    const error = errorOf(({ x }) =>
      x.add(tf.tensor(Array.from({ length: x.shape[0] }, (_, index) => [index]))),
    );
    expect(error).toMatchObject({
      kind: 'batch-size',
      actual: 'a list whose elements depend on the batch size',
    });
    expect(error.fix).toContain('tf.range');
  });

  test('in a list of fixed size', () => {
    const error = errorOf(({ x }) => x.sum().mul(tf.tensor1d([x.shape[0], 1])));
    expect(error.kind).toBe('batch-size');
  });

  test('that the function does not accept', () => {
    const error = errorOf(({ x }) => tf.concat(tf.split(x, 2), 1));
    expect(error.message).toMatch(/the function at batch size 3: .* fails: Number of splits must/);
    expect(error.cause).toBeInstanceOf(Error);
    const sizes = { batchSizes: [2, 4, 6, 8] };
    const graph = trace(({ x }) => tf.concat(tf.split(x as tf.Tensor2D, 2), 1), x, sizes);
    expect(graph.signatures.default?.inputs).toEqual(['x']);
  });
});

describe('the return value of the function', () => {
  test('a promise', async () => {
    const error = errorOf(async ({ x }) => x);
    expect(error).toMatchObject({ kind: 'asynchronous' });
    expect(error.fix).toContain('Make the function synchronous');
    const failing = errorOf(async () => {
      throw new Error('Nobody waits for this.');
    });
    expect(failing.kind).toBe('asynchronous');
    await new Promise((resolve) => setTimeout(resolve));
  });

  test.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'the return value of the function', 'undefined'],
    ['a number', 3, 'the return value of the function', 'a number'],
    ['a number among tensors', { a: [1] }, 'the output "a/0"', 'a number'],
    ['another object', new Map(), 'the return value of the function', 'Map'],
  ])('%s', (_, value, subject, actual) => {
    expect(errorOf(() => value)).toMatchObject({ kind: 'output', subject, actual });
  });

  test('a disposed tensor', () => {
    const error = errorOf(({ x }) => {
      const sum = x.sum();
      sum.dispose();
      return { sum };
    });
    expect(error).toMatchObject({ kind: 'output', actual: 'a disposed tensor' });
  });
});

describe('tensors from elsewhere', () => {
  test('training data in the closure', () => {
    const images = tf.range(0, 1000);
    const error = errorOf(({ x }) => x.sum().mul(images), { maxConstantBytes: 1000 });
    images.dispose();
    expect(error.message).toContain('a tensor of 4000 bytes from outside the function');
    expect(error).toMatchObject({ kind: 'captured', expected: 'constants of at most 1000 bytes' });
    expect(error.fix).toContain('Pass data as an input');
  });

  test('a disposed tensor', () => {
    const gone = tf.scalar(1);
    gone.dispose();
    const error = errorOf(({ x }) => tf.tidy('late', () => x.add(gone)));
    expect(error).toMatchObject({ kind: 'disposed', operation: 'late/Add' });
  });

  test("a tensor made without tfjs's engine", () => {
    const error = errorOf(({ x }) => {
      const backend = tf.backend() as unknown as { write(...of: unknown[]): object };
      const dataId = backend.write(Float32Array.of(1), [], 'float32');
      return x.add(tf.engine().makeTensorFromDataId(dataId, [], 'float32'));
    });
    expect(error).toMatchObject({ kind: 'captured', operation: 'add/Add' });
    expect(error.actual).toContain("without tfjs's engine");
  });

  test('a tensor kept from an earlier call', () => {
    let cache: tf.Tensor | undefined;
    const error = errorOf(({ x }) => {
      cache ??= tf.keep(x.mean());
      return x.sub(cache);
    });
    cache?.dispose();
    expect(error).toMatchObject({ kind: 'captured', operation: 'sub/Sub' });
  });

  test('a cache that does not depend on the inputs is a constant', () => {
    let cache: tf.Tensor | undefined;
    const graph = trace(({ x }) => {
      cache ??= tf.keep(tf.linspace(0, 1, 4).square());
      return (x as tf.Tensor).mul(cache);
    }, x);
    cache?.dispose();
    expect(graph.operations.map(({ type }) => type)).toEqual(['Placeholder', 'Const', 'Mul']);
  });
});

describe('variables and layers', () => {
  test('a variable in every call', () => {
    const error = errorOf(({ x }) => x.mul(tf.variable(tf.scalar(2), true, undefined)));
    expect(error).toMatchObject({ kind: 'variable', actual: 'a new one in each call' });
  });

  test('a variable whose initial value depends on the inputs', () => {
    const error = errorOf(({ x }) => tf.variable(x.mean(0), true, 'mean'));
    expect(error).toMatchObject({ kind: 'variable', operation: 'mean' });
  });

  test('two variables with one name', () => {
    const [a, b] = [variable(1), variable(2)];
    const error = errorOf(({ x }) => x.mul(a).add(b), { variableName: () => 'same' });
    expect(error).toMatchObject({ kind: 'variable', operation: 'same' });
  });

  test('a stateful layer', () => {
    const layer = tf.layers.lstm({
      units: 2,
      stateful: true,
      batchInputShape: [2, 3, 4],
      name: 'memory',
    });
    // tfjs keeps the states apart from the layer's weights.
    tensors += 2;
    const error = errorOf(({ x }) => layer.apply(x), {}, { x: { shape: [2, 3, 4] } });
    expect(error).toMatchObject({ kind: 'state', operation: 'memory' });
  });
});

test.each(['unique', 'nonMaxSuppression'])('shapes that depend on data: %s', (kind) => {
  const error = errorOf(({ x }) =>
    kind === 'unique'
      ? tf.unique(x.flatten()).values
      : tf.image.nonMaxSuppression(x, x.sum<tf.Tensor1D>(1), 3),
  );
  expect(error.kind).toBe('data-dependent-shape');
  expect(error.fix).toContain('mask the elements that do not count');
});

test('a dimension that is neither a size nor open', () => {
  const error = errorOf(({ x }) => x, {}, { x: { shape: [null, -1, 3] } });
  expect(error).toMatchObject({ kind: 'input', operation: 'x' });
  expect(error.message).toContain('got [null,-1,3]');
});

describe('an open dimension other than the batch', () => {
  const open = { x: { shape: [null, null] } };

  test('in a loop over it', () => {
    const error = errorOf(({ x }) => tf.addN(tf.unstack(x, 1)), {}, open);
    expect(error).toMatchObject({ kind: 'batch-size' });
    expect(error.message).toContain('batch = 2, x.1 = 6');
  });

  test.each<[string, (length: number) => number]>([
    ['its square root', Math.sqrt],
    ['a limit', (length) => Math.min(length, 7)],
    ['its half, rounded down', (length) => Math.floor(length / 2)],
    ['its cube', (length) => length ** 3],
  ])('in a number: %s', (_, number) => {
    const error = errorOf(({ x }) => x.mul(number(x.shape[1])), {}, open);
    expect(error).toMatchObject({ kind: 'batch-size' });
    expect(error.message).toContain('at batch = 2, x.1 = 5');
  });

  test('for a function that accepts no other sizes', () => {
    const weights = tf.tidy(() => tf.variable(tf.ones([5, 1])));
    const error = errorOf(({ x }) => tf.matMul(x, weights), {}, open);
    expect(error.message).toContain('works at batch = 2, x.1 = 5 and then fails');
  });
});

test('a trace in a trace or a gradient', () => {
  const inner = () => trace(({ x }) => x as tf.Tensor, x);
  expect(
    errorOf(({ x }) => {
      inner();
      return x;
    }).subject,
  ).toBe('trace() inside a traced function');
  expect(() =>
    tf.tidy(() =>
      tf.grad((y) => {
        inner();
        return y.square();
      })(tf.scalar(1)),
    ),
  ).toThrow('trace() inside a function to differentiate');
});

test('too few batch sizes, or equal ones', () => {
  expect(() => trace(({ x }) => x as tf.Tensor, x, { batchSizes: [2, 3, 4] })).toThrow(RangeError);
  expect(() => trace(({ x }) => x as tf.Tensor, x, { batchSizes: [2, 3, 3, 4] })).toThrow(
    'batchSizes',
  );
});
