import { expect, it } from 'vitest';
import { isAtLeast, platformFacts } from './platform';

it.each([
  ['20.19.0', true],
  ['20.19.1', true],
  ['20.20.0', true],
  ['22.0.0', true],
  ['20.18.9', false],
  ['18.99.99', false],
])('%s is at least 20.19.0: %s', (version, expected) => {
  expect(isAtLeast(version, '20.19.0')).toBe(expected);
});

it('names this Node, and on Linux its C library', () => {
  const { node, nodeSupported, libc } = platformFacts();
  expect(`v${node}`).toBe(process.version);
  expect(nodeSupported).toBe(true);
  if (process.platform === 'linux') expect(libc).toMatch(/^(glibc \d+\.\d+|musl)$/);
  else expect(libc).toBeUndefined();
});
