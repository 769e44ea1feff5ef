import { expect, it } from 'vitest';
import { BackgroundWrites } from './background-writes';

it('rethrows each failure once, and waits for writes started meanwhile', async () => {
  const writes = new BackgroundWrites();
  const log: string[] = [];
  writes.track(Promise.reject(new Error('first')));
  writes.track(
    (async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.push('slow');
      writes.track(Promise.reject(new Error('second')));
    })(),
  );
  expect(() => writes.throwIfFailed()).not.toThrow();
  await expect(writes.idle()).rejects.toThrow('first');
  expect(log).toEqual(['slow']);
  expect(() => writes.throwIfFailed()).toThrow('second');
  await writes.idle();
});
