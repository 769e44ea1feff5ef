import { expect, it } from 'vitest';
import { shimUtil } from './util-shims';

const own = (): boolean => false;

it('gives a Node without the functions that tfjs-node calls both of them', () => {
  const util: Record<string, unknown> = {};
  shimUtil(26, util);
  const isNullOrUndefined = util.isNullOrUndefined as (value: unknown) => boolean;
  expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
  expect(util.isArray).toBe(Array.isArray);
});

it('replaces those that warn on Node 22, and leaves those of Node 20', () => {
  const warning: Record<string, unknown> = { isArray: own, isNullOrUndefined: own };
  shimUtil(22, warning);
  expect(warning.isNullOrUndefined).not.toBe(own);
  const silent: Record<string, unknown> = { isArray: own, isNullOrUndefined: own };
  shimUtil(20, silent);
  expect(silent).toEqual({ isArray: own, isNullOrUndefined: own });
});
