import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  assertArguments,
  checkAsyncMethods,
  checkedAsyncFunction,
  checkedFunction,
  checkMethods,
  kinds,
  optional,
  options,
  required,
  requiredOptions,
  rest,
} from './arguments';

interface ShuffleOptions {
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const shuffle = checkedFunction(
  'shuffle()',
  {
    bufferSize: required(),
    options: options<ShuffleOptions>({ seed: true, signal: kinds.abortSignal }),
  },
  (bufferSize: number, { seed = 0 }: ShuffleOptions = {}) => bufferSize + seed,
);

const call = (fn: unknown, ...args: readonly unknown[]) => {
  if (typeof fn !== 'function') throw new TypeError('not a function');
  return Reflect.apply(fn, undefined, args);
};

describe('checkedFunction', () => {
  it('calls the function, which keeps its name', () => {
    expect(shuffle(3)).toBe(3);
    expect(shuffle(3, { seed: 4 })).toBe(7);
    expect(shuffle(3, undefined)).toBe(3);
    const signal = new AbortController().signal;
    expect(shuffle(3, { signal })).toBe(3);
    const named = checkedFunction('x()', {}, function original() {});
    expect(named.name).toBe('original');
  });

  it.each([
    [
      [],
      '"bufferSize" of shuffle(): expected a value, got nothing. Call it with (bufferSize, options?).',
    ],
    [[undefined], '"bufferSize" of shuffle(): expected a value, got undefined.'],
    [
      [3, 42],
      '"options" of shuffle(): expected an object with "seed", "signal", got 42. Name the option, as in { seed: 42 }.',
    ],
    [[3, null], 'got null'],
    [[3, [1]], 'got an array. Pass an object.'],
    [
      [3, { Seed: 1 }],
      '"options" of shuffle(): expected only "seed", "signal", got "Seed". Did you mean "seed"?',
    ],
    [[3, { toString: 1 }], 'got "toString"'],
    [
      [3, { signal: new AbortController() }],
      'option "signal" of shuffle(): expected an AbortSignal, such as the "signal" of an AbortController, got an instance of AbortController.',
    ],
    [
      [3, {}, 5],
      'shuffle(): expected at most 2 arguments (bufferSize, options?), got 3. Remove 5.',
    ],
    [[3, {}, 'a', 6], 'got 4. Remove "a" and what follows.'],
  ])('rejects %j', (args, message) => {
    expect(() => call(shuffle, ...args)).toThrow(ArgumentError);
    expect(() => call(shuffle, ...args)).toThrow(message);
  });

  it('checks kinds, and any number of further arguments', () => {
    const sum = checkedFunction(
      'sum()',
      { first: required(kinds.positiveInteger), more: rest(kinds.number) },
      (first: number, ...more: number[]) => more.reduce((a, b) => a + b, first),
    );
    expect(sum(1, 2, 3)).toBe(6);
    expect(() => sum(0)).toThrow('"first" of sum(): expected an integer of at least 1, got 0.');
    expect(() => call(sum, 1, 2, '3')).toThrow('argument 3 of sum(): expected a number, got "3".');
  });

  it('names an option that is required', () => {
    const meter = checkedFunction(
      'meter()',
      {
        state: requiredOptions<{ n: number; total?: number }>({
          n: required(kinds.number),
          total: true,
        }),
      },
      ({ n }: { n: number; total?: number }) => n,
    );
    expect(meter({ n: 2 })).toBe(2);
    expect(() => call(meter, { total: 2 })).toThrow(
      'option "n" of meter(): expected a number, got nothing. Pass "n".',
    );
    expect(() => call(meter, { n: '2' })).toThrow(
      'option "n" of meter(): expected a number, got "2"',
    );
    expect(() => call(meter)).toThrow('"state" of meter(): expected an object, got nothing.');
  });

  it('names a function without parameters', () => {
    const now = checkedFunction('now()', {}, () => 1);
    expect(() => call(now, 5)).toThrow('now(): expected no arguments, got 1. Remove 5.');
  });
});

it('instanceof accepts the errors of another copy of the class, and no others', () => {
  class Copy extends TypeError {
    override readonly name = 'ArgumentError';
  }
  expect(new Copy()).toBeInstanceOf(ArgumentError);
  expect(new TypeError()).not.toBeInstanceOf(ArgumentError);
  expect('ArgumentError').not.toBeInstanceOf(ArgumentError);
});

it('an asynchronous function rejects', async () => {
  const later = checkedAsyncFunction('later()', { n: optional() }, async (n = 1) => n);
  expect(await later(2)).toBe(2);
  await expect(call(later, 1, 2)).rejects.toThrow(
    'later(): expected at most 1 argument (n?), got 2',
  );
});

it('checks methods of instances, and static ones, with their own "this"', () => {
  class Counter {
    #count = 0;
    static of(): Counter {
      return new Counter();
    }
    add(n: number): number {
      this.#count += n;
      return this.#count;
    }
  }
  checkMethods(Counter.prototype, 'counter.', { add: { n: required(kinds.finiteNumber) } });
  checkMethods(Counter, 'Counter.', { of: {} });
  const counter = Counter.of();
  expect([counter.add(2), counter.add(3)]).toEqual([2, 5]);
  expect(() => counter.add(Number.NaN)).toThrow(
    '"n" of counter.add(): expected a finite number, got NaN.',
  );
  expect(() => call(Counter.of, 1)).toThrow('Counter.of(): expected no arguments');
});

it('rejects a table with a name that is not a method', () => {
  const target: { run?: () => void } = {};
  expect(() => checkMethods(target, '', { run: {} })).toThrow('"run" is not an own method');
});

it('assertArguments accepts the arguments of a constructor', () => {
  expect(() => assertArguments('new X()', [1], { n: required() })).not.toThrow();
  expect(() => assertArguments('new X()', [1, 2], { n: required() })).toThrow(
    'new X(): expected at most 1 argument (n), got 2. Remove 2.',
  );
});
it('names the class of an instance in place of options, rather than its first field', () => {
  class Tensor {
    kept = false;
  }
  const mean = checkedFunction(
    'mean()',
    { inputs: requiredOptions<{ values: unknown }>({ values: true }) },
    (_inputs: { values: unknown }) => 0,
  );
  expect(() => Reflect.apply(mean, undefined, [new Tensor()])).toThrow(
    '"inputs" of mean(): expected an object with "values", got an instance of Tensor. Name the option, as in { values: … }.',
  );
});

it('makes methods that return promises reject', async () => {
  class Store {
    async save(n: number): Promise<number> {
      return n;
    }
  }
  checkAsyncMethods(Store.prototype, 'store.', { save: { n: required(kinds.finiteNumber) } });
  const store = new Store();
  expect(await store.save(1)).toBe(1);
  await expect(store.save(Number.NaN)).rejects.toThrow(
    '"n" of store.save(): expected a finite number',
  );
});
