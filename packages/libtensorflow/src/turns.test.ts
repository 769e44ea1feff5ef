import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from './turns';

test('no more than so many at a time, in the order in which they came', async () => {
  const turns = new Turns(2);
  let running = 0;
  const most: number[] = [];
  const order: number[] = [];
  const work = (at: number) => async () => {
    order.push(at);
    most.push(++running);
    await turn();
    running--;
    return at;
  };
  const all = await Promise.all([0, 1, 2, 3, 4].map((at) => turns.take(work(at))));
  expect(all).toEqual([0, 1, 2, 3, 4]);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect(Math.max(...most)).toBe(2);
});

test('one that fails gives its turn on', async () => {
  const turns = new Turns(1);
  const failing = turns.take(() => Promise.reject(new Error('no')));
  const following = turns.take(async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  await expect(following).resolves.toBe('yes');
});
