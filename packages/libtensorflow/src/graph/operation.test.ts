import { expect, test } from 'vitest';
import { OperationNotFoundError } from '../errors';
import { parseOutputName } from './operation';

test.each([
  ['loss', 'loss', 0],
  ['split:1', 'split', 1],
  ['a/b:0', 'a/b', 0],
])('%s is output %s, %i', (name, operation, index) => {
  expect(parseOutputName(name)).toEqual({ operation, index });
});

test.each(['split:', 'split:x', 'split:-1', 'split:1.5'])('rejects %s', (name) => {
  expect(() => parseOutputName(name)).toThrow(OperationNotFoundError);
});
