import { expect, test } from 'vitest';
import { ClosedHandleError } from '../errors';
import { Handle, HandleLedger } from './handles';

const createHandle = () => {
  const freed: bigint[] = [];
  return { freed, handle: new Handle('Session', 5n, (pointer) => freed.push(pointer)) };
};

test('close() frees once, however often it is called', () => {
  const { handle, freed } = createHandle();
  expect(handle.pointer).toBe(5n);
  handle.close();
  handle.close();
  expect(freed).toEqual([5n]);
});

test('use after close() throws a named error', () => {
  const { handle } = createHandle();
  handle.close();
  expect(() => handle.pointer).toThrow(ClosedHandleError);
  expect(() => handle.borrow()).toThrow(
    'Session: expected an open Session, got one that was closed. Close it after its last use, or create a new one.',
  );
});

test('close() while borrowed frees after the last release', () => {
  const { handle, freed } = createHandle();
  handle.borrow();
  handle.borrow();
  handle.close();
  expect(() => handle.pointer).toThrow(ClosedHandleError);
  handle.release();
  expect(freed).toEqual([]);
  handle.release();
  expect(freed).toEqual([5n]);
});

test('release() before close() frees nothing', () => {
  const { handle, freed } = createHandle();
  handle.borrow();
  handle.release();
  expect(freed).toEqual([]);
});

test('the ledger counts objects that are not freed', () => {
  const ledger = new HandleLedger();
  const freed: bigint[] = [];
  const handle = ledger.own('Graph', {}, 7n, (pointer) => freed.push(pointer));
  expect(ledger.live.Graph).toBe(1);
  handle.close();
  expect(ledger.live).toEqual({ Graph: 0, Session: 0, Tensor: 0, TFJSBinding: 0, TensorHandle: 0 });
  expect(freed).toEqual([7n]);
});
