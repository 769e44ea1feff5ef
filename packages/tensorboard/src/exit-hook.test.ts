import { expect, it } from 'vitest';
import { flushAtExit, forgetAtExit } from './exit-hook';

it('serves any number of writers with one listener, and leaves none behind', () => {
  const before = process.listenerCount('exit');
  const writers = Array.from({ length: 20 }, () => ({ flushSync: () => {} }));
  for (const writer of writers) flushAtExit(writer);
  expect(process.listenerCount('exit')).toBe(before + 1);
  for (const writer of writers) forgetAtExit(writer);
  expect(process.listenerCount('exit')).toBe(before);
});
