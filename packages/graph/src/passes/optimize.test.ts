import { describe, expect, it } from 'vitest';
import { batch, DefinitionBuilder, float, typeOf } from '../../test/definitions';
import type { AttributeValue, ConstantNode, GraphDefinition, TensorType } from '../ir/types';
import { foldConstants } from './fold-constants';
import { forwardIdentities, optimize, removeDeadCode, shareSubexpressions } from './optimize';

const names = ({ nodes }: GraphDefinition) => nodes.map(({ name }) => name);

describe('removing dead code', () => {
  it('keeps what any signature needs, declared placeholders and assigned variables', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float());
    builder.placeholder('declared', float());
    builder.placeholder('undeclared', float());
    builder.variable('assigned', float());
    builder.variable('unused', float());
    const dead = builder.kernel('dead', 'Neg', { x }, float());
    builder.kernel('dead too', 'Neg', { x: dead }, float());
    const y = builder.kernel('y', 'Exp', { x }, float());
    const next = builder.kernel('next', 'Log', { x }, float());
    builder.signature('a', ['x', 'declared'], { y }).signature('b', ['x'], {}, { assigned: next });
    const pruned = removeDeadCode(builder.definition);
    expect(names(pruned)).toEqual(['x', 'declared', 'assigned', 'y', 'next']);
    expect(pruned.signatures.a?.outputs.y).toEqual({ node: 3, output: 0 });
    expect(pruned.signatures.b?.updates).toEqual([
      { variable: 'assigned', value: { node: 4, output: 0 } },
    ]);
    expect(pruned.nodes[4]).toMatchObject({ inputs: { x: { node: 0, output: 0 } } });
  });
});

describe('sharing subexpressions', () => {
  const pair = (left: Record<string, AttributeValue>, right: Record<string, AttributeValue>) => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(2));
    const a = builder.kernel('a', 'Sum', { x }, float(), left);
    const b = builder.kernel('b', 'Sum', { x }, float(), right);
    const both = builder.kernel('both', 'Add', { a, b }, float());
    return names(shareSubexpressions(builder.signature('s', ['x'], { both }).definition));
  };

  it('computes equal operations once', () => {
    expect(pair({ axis: [0], keepDims: false }, { keepDims: false, axis: [0] })).toEqual([
      'x',
      'a',
      'both',
    ]);
  });

  it.each([
    [{ axis: 0 }, { axis: -0 }],
    [{ axis: Number.NaN }, { axis: null }],
    [{ axis: undefined }, { axis: null }],
    [{ axis: 1 }, { axis: '1' }],
    [{ axis: [1, 2] }, { axis: [[1], 2] }],
    [{ axis: { batch: [0, 1, 0] } }, { axis: { batch: [0, 1, 0], reciprocal: true } }],
    [{ axis: 'a,b' }, { axis: ['a', 'b'] }],
  ] as const)('keeps apart %j and %j', (left, right) => {
    expect(pair(left as never, right as never)).toEqual(['x', 'a', 'b', 'both']);
  });

  it('does not share constants and random tensors that differ', () => {
    const builder = new DefinitionBuilder();
    const constant = (name: string, values: number[]) =>
      builder.constant(name, float(values.length), new Float32Array(values));
    const outputs = {
      a: constant('a', [0, 1]),
      b: constant('b', [0, 1]),
      c: constant('c', [-0, 1]),
      d: builder.constant('d', typeOf('int32', 2), new Int32Array(new Float32Array([0, 1]).buffer)),
      e: builder.random('e', float(2), 0),
      f: builder.random('f', float(2), 1),
      g: builder.random('g', float(2), 1),
    };
    const shared = shareSubexpressions(builder.signature('s', [], outputs).definition);
    expect(names(shared)).toEqual(['a', 'c', 'd', 'e', 'f']);
  });

  it('does not share draws of a stateful kernel', () => {
    const builder = new DefinitionBuilder();
    const logits = builder.placeholder('logits', float(1, 2));
    const draw = (name: string) =>
      builder.kernel(name, 'Multinomial', { logits }, typeOf('int32', 1, 3), { seed: 1 });
    const definition = builder.signature('s', ['logits'], {
      a: draw('a'),
      b: draw('b'),
    }).definition;
    expect(names(shareSubexpressions(definition))).toEqual(['logits', 'a', 'b']);
  });
});

describe('forwarding identities', () => {
  it('removes copies, casts and reshapes that change neither shape nor dtype', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch, 2));
    const copy = builder.kernel('copy', 'Identity', { x }, float(batch, 2));
    const cast = builder.kernel('cast', 'Cast', { x: copy }, float(batch, 2), { dtype: 'float32' });
    const same = builder.kernel('same', 'Reshape', { x: cast }, float(batch, 2), {
      shape: [batch, 2],
    });
    const flat = builder.kernel('flat', 'Reshape', { x: same }, float({ batch: [0, 2, 0] }), {
      shape: [{ batch: [0, 2, 0] }],
    });
    const int = builder.kernel('int', 'Cast', { x: flat }, typeOf('int32', { batch: [0, 2, 0] }), {
      dtype: 'int32',
    });
    const forwarded = forwardIdentities(builder.signature('s', ['x'], { copy, int }).definition);
    expect(names(forwarded)).toEqual(['x', 'flat', 'int']);
    expect(forwarded.signatures.s?.outputs.copy).toEqual({ node: 0, output: 0 });
  });
});

describe('folding constants', () => {
  const folded = (
    kernel: string,
    from: TensorType,
    values: ConstantNode['values'],
    to: TensorType,
    attributes: Record<string, AttributeValue> = {},
  ) => {
    const builder = new DefinitionBuilder();
    const x = builder.constant('x', from, values);
    const y = builder.kernel('y', kernel, { x }, to, attributes);
    const node = foldConstants(builder.signature('s', [], { y }).definition).nodes[1];
    return node?.kind === 'constant' ? node.values : undefined;
  };

  it('reshapes, expands, transposes and casts', () => {
    const six = new Float32Array([0, 1, 2, 3, 4, 5]);
    expect(folded('Reshape', float(2, 3), six, float(6))).toEqual(six);
    expect(folded('ExpandDims', float(6), six, float(1, 6))).toEqual(six);
    expect(folded('Transpose', float(2, 3), six, float(3, 2), { perm: [1, 0] })).toEqual(
      new Float32Array([0, 3, 1, 4, 2, 5]),
    );
    expect(folded('Cast', float(6), six, typeOf('int32', 6))).toEqual(
      new Int32Array([0, 1, 2, 3, 4, 5]),
    );
    expect(folded('Reshape', float(batch), { fill: 2 }, float(batch, 1))).toEqual({ fill: 2 });
  });

  it.each([
    ['a fraction to int32', float(1), [0.5], 'int32'],
    ['NaN to int32', float(1), [Number.NaN], 'int32'],
    ['too large a number to int32', float(1), [2 ** 40], 'int32'],
    ['2 to bool', float(1), [2], 'bool'],
  ] as const)('leaves the cast of %s to the backend', (_, from, values, dtype) => {
    expect(folded('Cast', from, new Float32Array(values), typeOf(dtype, 1))).toBeUndefined();
  });

  it('leaves the cast of a large integer to float32 to the backend', () => {
    const values = new Int32Array([2 ** 24 + 1]);
    expect(folded('Cast', typeOf('int32', 1), values, float(1))).toBeUndefined();
  });

  it('does not fold large constants', () => {
    expect(folded('Reshape', float(2000), new Float32Array(2000), float(1000, 2))).toBeUndefined();
  });

  it('makes zeros and ones without the tensor that has the shape', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch, 2));
    const heavy = builder.kernel('heavy', 'Exp', { x }, float(batch, 2));
    const scalar = builder.kernel('scalar', 'Sum', { x: heavy }, float(), { axis: [0, 1] });
    const ones = builder.kernel('ones', 'OnesLike', { x: scalar }, float());
    const zeros = builder.kernel('zeros', 'ZerosLike', { x: heavy }, float(batch, 2));
    const definition = optimize(builder.signature('s', ['x'], { ones, zeros }).definition);
    expect(definition.nodes.slice(1)).toEqual([
      { kind: 'constant', name: 'ones', outputs: [float()], values: { fill: 1 } },
      {
        kind: 'kernel',
        name: 'zeros',
        kernel: 'Fill',
        inputs: {},
        attributes: { shape: [batch, 2], value: 0, dtype: 'float32' },
        outputs: [float(batch, 2)],
      },
    ]);
  });
});
