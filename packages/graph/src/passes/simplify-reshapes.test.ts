import { describe, expect, it } from 'vitest';
import { batch, DefinitionBuilder, float } from '../../test/definitions';
import type { GraphDefinition } from '../ir/types';
import { optimize } from './optimize';

const kernels = ({ nodes }: GraphDefinition) =>
  nodes.flatMap((node) => (node.kind === 'kernel' ? [`${node.name} ${node.kernel}`] : []));

describe('simplifying reshapes', () => {
  it('multiplies matrices that were made batches of one', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch, 3));
    const w = builder.placeholder('w', float(3, 2));
    const a = builder.kernel('a', 'Reshape', { x }, float(1, batch, 3), { shape: [1, batch, 3] });
    const b = builder.kernel('b', 'Reshape', { x: w }, float(1, 3, 2), { shape: [1, 3, 2] });
    const product = builder.kernel('product', 'BatchMatMul', { a, b }, float(1, batch, 2));
    const y = builder.kernel('y', 'Reshape', { x: product }, float(batch, 2), {
      shape: [batch, 2],
    });
    const simple = optimize(builder.signature('s', ['x', 'w'], { y }).definition);
    expect(kernels(simple)).toEqual(['product BatchMatMul']);
    expect(simple.nodes.at(-1)?.outputs).toEqual([float(batch, 2)]);
    expect(simple.signatures.s?.outputs.y).toEqual({ node: 2, output: 0 });
  });

  it('keeps the batch of one where something needs it', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(2, 2));
    const a = builder.kernel('a', 'Reshape', { x }, float(1, 2, 2), { shape: [1, 2, 2] });
    const product = builder.kernel('product', 'BatchMatMul', { a, b: a }, float(1, 2, 2));
    const y = builder.kernel('y', 'Exp', { x: product }, float(1, 2, 2));
    const simple = optimize(builder.signature('s', ['x'], { y }).definition);
    expect(kernels(simple)).toEqual(['product BatchMatMul', 'product/Reshape Reshape', 'y Exp']);
  });

  it('leaves products of larger batches alone', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch, 4));
    const a = builder.kernel('a', 'Reshape', { x }, float(batch, 2, 2), { shape: [batch, 2, 2] });
    const y = builder.kernel('y', 'BatchMatMul', { a, b: a }, float(batch, 2, 2));
    const graph = builder.signature('s', ['x'], { y }).definition;
    expect(kernels(optimize(graph))).toEqual(kernels(graph));
  });

  it('broadcasts a scalar that was made an array, unless that decides the shape', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch));
    const s = builder.placeholder('s', float());
    const one = builder.kernel('one', 'Reshape', { x: s }, float(1), { shape: [1] });
    const y = builder.kernel('y', 'Multiply', { a: one, b: x }, float(batch));
    const z = builder.kernel('z', 'Add', { a: s, b: one }, float(1));
    const graph = optimize(builder.signature('s', ['x', 's'], { y, z }).definition);
    expect(kernels(graph)).toEqual(['one Reshape', 'y Multiply', 'z Add']);
    expect(graph.nodes.find(({ name }) => name === 'y')).toMatchObject({
      inputs: { a: { node: 1, output: 0 }, b: { node: 0, output: 0 } },
    });
  });

  it('takes the elements of a reshape of a reshape from the first tensor', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(6));
    const a = builder.kernel('a', 'Reshape', { x }, float(2, 3), { shape: [2, 3] });
    const y = builder.kernel('y', 'Reshape', { x: a }, float(3, 2), { shape: [3, 2] });
    const back = builder.kernel('back', 'Reshape', { x: y }, float(6), { shape: [6] });
    const graph = optimize(builder.signature('s', ['x'], { y, back }).definition);
    expect(kernels(graph)).toEqual(['y Reshape']);
    expect(graph.signatures.s?.outputs.back).toEqual({ node: 0, output: 0 });
  });
});
