import { expect, test } from 'vitest';
import type { Excuse } from './excuses/excuse';
import { judge } from './judge';
import type { SpecResult } from './report';

const spec = (name: string, ...failures: string[]): SpecResult => ({
  file: 'file',
  name,
  status: failures.length > 0 ? 'failed' : 'passed',
  failures,
});

const excuse = (...specs: string[]): Excuse => ({ reason: 'a reason', failure: /^known/, specs });

test('an excused failure is no failure', () => {
  const specs = [spec('suite > a', 'known 1', 'known 2'), spec('suite > b')];
  expect(judge(specs, [excuse('suite > a')])).toEqual({ failures: new Map(), stale: [] });
});

test('a failure without an excuse, or of another kind, is reported with its file', () => {
  const specs = [spec('suite > a', 'known', 'other'), spec('suite > b', 'known')];
  const { failures } = judge(specs, [excuse('suite > a')]);
  expect(failures).toEqual(new Map([['file', ['suite > a: known | other', 'suite > b: known']]]));
});

test('a suite is excused if all of its specs fail', () => {
  const excuses = [excuse('suite')];
  expect(judge([spec('suite > a', 'known'), spec('suite > b', 'known')], excuses).stale).toEqual(
    [],
  );
  expect(judge([spec('suite > a', 'known'), spec('suite > b')], excuses).stale).toEqual([
    'suite: suite > b passed',
  ]);
});

test('an excuse is stale if its spec passes, or does not exist', () => {
  const specs = [spec('suite > a')];
  expect(judge(specs, [excuse('suite > a', 'suite > c')]).stale).toEqual([
    'suite > a: suite > a passed',
    'suite > c: no such spec',
  ]);
});
