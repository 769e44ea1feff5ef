import { afterEach, expect, it } from 'vitest';
import { withoutErrorListeners } from './wasm';

const userListener = () => {};
afterEach(() => process.off('uncaughtException', userListener));

it('removes the error listeners that a task added, and no others', async () => {
  process.on('uncaughtException', userListener);
  const previous = process.rawListeners('uncaughtException');
  const result = await withoutErrorListeners(async () => {
    process.on('uncaughtException', () => {});
    process.on('unhandledRejection', () => {});
    return 3;
  });
  expect(result).toBe(3);
  expect(process.rawListeners('uncaughtException')).toEqual(previous);
});

it('removes them if the task fails, too', async () => {
  const previous = process.rawListeners('unhandledRejection');
  const failing = withoutErrorListeners(async () => {
    process.on('unhandledRejection', () => {});
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(process.rawListeners('unhandledRejection')).toEqual(previous);
});
