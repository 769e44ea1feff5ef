import { expect, test } from 'vitest';
import { ClosedHandleError } from '../errors';
import { Handle } from './handle';
import { HandleLedger } from './handle-ledger';

const handle = () => {
  const freed: bigint[] = [];
  return { freed, it: new Handle('Session', 5n, (pointer) => freed.push(pointer)) };
};

test('closing frees once, however often', () => {
  const { it, freed } = handle();
  expect(it.pointer).toBe(5n);
  it.close();
  it.close();
  expect(freed).toEqual([5n]);
});

test('use after close is a named error', () => {
  const { it } = handle();
  it.close();
  expect(() => it.pointer).toThrow(ClosedHandleError);
  expect(() => it.borrow()).toThrow(/Session: expected it to be open/);
});

test('closing while in use frees after the last use', () => {
  const { it, freed } = handle();
  it.borrow();
  it.borrow();
  it.close();
  expect(() => it.pointer).toThrow(ClosedHandleError);
  it.release();
  expect(freed).toEqual([]);
  it.release();
  expect(freed).toEqual([5n]);
});

test('a use that ends before closing frees nothing', () => {
  const { it, freed } = handle();
  it.borrow();
  it.release();
  expect(freed).toEqual([]);
});

test('the ledger counts what is not freed', () => {
  const ledger = new HandleLedger();
  const freed: bigint[] = [];
  const it = ledger.own('Graph', {}, 7n, (pointer) => freed.push(pointer));
  expect(ledger.live.Graph).toBe(1);
  it.close();
  expect(ledger.live).toEqual({ Graph: 0, Session: 0, Tensor: 0, TFJSBinding: 0, TensorHandle: 0 });
  expect(freed).toEqual([7n]);
});
