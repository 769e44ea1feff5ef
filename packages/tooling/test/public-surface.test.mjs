import { expect, it } from 'vitest';
import { uncheckedFunctions } from '../public-surface.mjs';

const refuse = () => {
  throw new TypeError('f(): expected at most 1 argument (n), got 40.');
};

class Loose {
  method() {}
  async later() {}
  static make() {}
}

class Strict {
  constructor() {
    refuse();
  }
  method() {
    refuse();
  }
  async later() {
    refuse();
  }
  get value() {
    return 1;
  }
}

it('lists what accepts superfluous arguments, and nothing else', async () => {
  const exports = {
    Strict,
    strict: refuse,
    strictLater: async () => refuse(),
    Problem: class extends Error {},
    constant: 5,
    Loose,
    loose: () => {},
    otherwiseFailing: () => {
      throw new Error('something else');
    },
    group: { loose: () => {}, strict: refuse },
  };
  expect(await uncheckedFunctions(exports)).toEqual([
    'Loose#later()',
    'Loose#method()',
    'Loose.make()',
    'group.loose()',
    'loose()',
    'new Loose()',
    'otherwiseFailing()',
  ]);
});
