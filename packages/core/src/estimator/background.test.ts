import { expect, it } from 'vitest';
import { Background } from './background';

it('runs tasks one after the other, and tells of each failure once', async () => {
  const background = new Background();
  const done: number[] = [];
  for (const number of [1, 2, 3]) {
    background.start(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10 / number));
      if (number !== 2) throw new Error(`failure ${number}`);
      done.push(number);
    });
  }
  background.report();
  await expect(background.settle()).rejects.toThrow('failure 1');
  expect(done).toEqual([2]);
  expect(() => background.report()).toThrow('failure 3');
  await background.settle();
});
