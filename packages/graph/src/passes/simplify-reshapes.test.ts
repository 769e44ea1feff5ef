import { describe, expect, it } from 'vitest';
import { batch, DefinitionBuilder, float } from '../../test/definitions';
import type { GraphDefinition } from '../ir/types';
import { optimize } from './optimize';

const kernels = ({ nodes }: GraphDefinition) =>
  nodes.flatMap((node) => (node.kind === 'kernel' ? [`${node.name} ${node.kernel}`] : []));

describe('simplifying reshapes', () => {
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
