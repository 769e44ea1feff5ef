import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertKnownKeys,
  didYouMean,
  ExplainedRangeError,
  explain,
  listNames,
  reasonOf,
  Semaphore,
  SerialQueue,
  sameShape,
  sizeOf,
} from './index';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('errors', () => {
  it('joins the four parts, without a doubled full stop', () => {
    const parts = { subject: 'x', expected: 'a', actual: 'it failed.', fix: 'Do b.' };
    expect(explain(parts)).toBe('x: expected a, got it failed. Do b.');
    expect(new ExplainedRangeError(parts).message).toBe(explain(parts));
  });

  it('gives the reason of anything thrown', () => {
    expect([reasonOf(new Error('why')), reasonOf('text'), reasonOf(undefined)]).toEqual([
      'why',
      'text',
      'undefined',
    ]);
  });
});

describe('SerialQueue', () => {
  it('runs tasks in order, also after a failure', async () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    const slow = queue.run(async () => {
      await sleep(5);
      log.push('slow');
    });
    const failing = queue.run(() => {
      throw new Error('no');
    });
    const last = queue.run(() => log.push('last'));
    await expect(failing).rejects.toThrow('no');
    await Promise.all([slow, last]);
    expect(log).toEqual(['slow', 'last']);
  });

  it('is idle once tasks submitted meanwhile have settled', async () => {
    const queue = new SerialQueue();
    const log: number[] = [];
    void queue.run(async () => {
      await sleep(1);
      void queue.run(async () => {
        await sleep(1);
        log.push(2);
      });
      log.push(1);
    });
    await queue.idle();
    expect(log).toEqual([1, 2]);
  });
});

it('a semaphore never runs more tasks than it has permits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      async (permits, outcomes) => {
        const semaphore = new Semaphore(permits);
        let running = 0;
        let most = 0;
        const results = await Promise.allSettled(
          outcomes.map((succeeds) =>
            semaphore.run(async () => {
              most = Math.max(most, ++running);
              await Promise.resolve();
              running--;
              if (!succeeds) throw new Error('failed');
            }),
          ),
        );
        expect(most).toBe(Math.min(permits, outcomes.length));
        expect(results.map(({ status }) => status === 'fulfilled')).toEqual(outcomes);
      },
    ),
    { numRuns: 30 },
  );
});

it('a semaphore starts waiting tasks in submission order', async () => {
  const semaphore = new Semaphore(2);
  const started: number[] = [];
  const task = (index: number) => async () => {
    started.push(index);
    await sleep(1);
    return index;
  };
  const results = await Promise.all([0, 1, 2, 3, 4].map((i) => semaphore.run(task(i))));
  expect(results).toEqual([0, 1, 2, 3, 4]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

it('compares shapes', () => {
  expect([sizeOf([]), sizeOf([2, 3]), sizeOf([2, 0])]).toEqual([1, 6, 0]);
  expect([sameShape([2], [2]), sameShape([2], [2, 1]), sameShape([2], [3])]).toEqual([
    true,
    false,
    false,
  ]);
});

describe('names', () => {
  it('suggests similar names, or lists what exists', () => {
    expect(didYouMean('modeldir', ['modelDir', 'params'])).toBe('Did you mean "modelDir"?');
    expect(didYouMean('qqq', ['modelDir', 'params'])).toBe('There are "modelDir", "params".');
    expect(listNames(['a', 'b', 'c'], 2)).toBe('"a", "b", 1 more');
    expect(listNames([])).toBe('none');
  });
});

describe('assertKnownKeys', () => {
  const check = (options: unknown) => () =>
    assertKnownKeys<{ maxSteps?: number }>(
      'train()',
      options as { maxSteps?: number },
      { maxSteps: true },
      (explanation) => new RangeError(explain(explanation)),
    );

  it('accepts known keys and nothing at all', () => {
    expect(check({ maxSteps: 1 })).not.toThrow();
    expect(check(undefined)).not.toThrow();
  });

  it('rejects misspelt keys and values that are not objects', () => {
    expect(check({ maxsteps: 2 })).toThrow(
      'options of train(): expected only "maxSteps", got "maxsteps". Did you mean "maxSteps"?',
    );
    expect(check(5)).toThrow('options of train(): expected an object, got 5.');
    expect(check([])).toThrow('got an array');
    expect(check(null)).toThrow('got null');
  });
});
