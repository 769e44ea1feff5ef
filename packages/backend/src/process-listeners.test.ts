import { afterEach, expect, it } from 'vitest';
import { withoutErrorListeners } from './process-listeners';

const own = () => {};
afterEach(() => process.off('uncaughtException', own));

it('takes away what a task left on the process, and nothing else', async () => {
  process.on('uncaughtException', own);
  const before = process.rawListeners('uncaughtException');
  const result = await withoutErrorListeners(async () => {
    process.on('uncaughtException', () => {});
    process.on('unhandledRejection', () => {});
    return 3;
  });
  expect(result).toBe(3);
  expect(process.rawListeners('uncaughtException')).toEqual(before);
});

it('does so also when the task fails', async () => {
  const before = process.rawListeners('unhandledRejection');
  const failing = withoutErrorListeners(async () => {
    process.on('unhandledRejection', () => {});
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(process.rawListeners('unhandledRejection')).toEqual(before);
});
