import { expect, it } from 'vitest';
import { hparamsGroup } from './hparams-group';

it('depends on the values, not on their order', () => {
  expect(hparamsGroup({ b: 1, a: 'x' })).toBe(hparamsGroup({ a: 'x', b: 1 }));
  expect(hparamsGroup({ a: 1e-5 })).not.toBe(hparamsGroup({ a: 1e-6 }));
  // What Python gives for no values.
  expect(hparamsGroup({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});
