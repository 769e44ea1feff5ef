import type { DataType } from '@tensorflow/tfjs';
import fc from 'fast-check';
import type {
  AttributeValue,
  ConstantValues,
  GraphDefinition,
  GraphNode,
  KernelInput,
  Signature,
  SymbolicNumber,
  TensorRef,
  TensorType,
} from '../src/ir/types';

/** Objects with a prototype, as stored attributes have. */
const record = <Model>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }) =>
  fc.record<Model>(model, { noNullPrototype: true });

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

const arbitraryNumber: fc.Arbitrary<SymbolicNumber> = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0),
  record({ batch: fc.tuple(finite, finite, finite) }),
  record({ batch: fc.tuple(finite, finite, finite), reciprocal: fc.constant(true as const) }),
);

/** Keys that trip careless code, and those that the storage has a meaning for. */
const arbitraryKey = fc.oneof(
  fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__' && key !== 'batch'),
  fc.constantFrom('_', 'constructor', 'toString', 'fill', 'node', '0'),
);

export const arbitraryAttribute: fc.Arbitrary<AttributeValue> = fc.letrec<{
  value: AttributeValue;
}>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    arbitraryNumber,
    fc.constantFrom(undefined, null, true, false),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(arbitraryKey, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const arbitraryDtype = fc.constantFrom<DataType>('float32', 'int32', 'bool', 'complex64', 'string');

const arbitraryDimension: fc.Arbitrary<SymbolicNumber> = fc.oneof(
  fc.nat(5),
  record({ batch: fc.tuple(fc.nat(3), fc.nat(3), fc.constant(0)) }),
);

const arbitrarySpec: fc.Arbitrary<TensorType> = record({
  dtype: arbitraryDtype,
  shape: fc.array(arbitraryDimension, { maxLength: 4 }),
});

const sizeOf = (shape: readonly SymbolicNumber[]): number =>
  shape.reduce<number>((size, dimension) => size * Number(dimension), 1);

const arbitraryElements = ({ dtype, shape }: TensorType): fc.Arbitrary<ConstantValues> => {
  const length = sizeOf(shape) * (dtype === 'complex64' ? 2 : 1);
  const exact = { minLength: length, maxLength: length };
  switch (dtype) {
    case 'int32':
      return fc.int32Array(exact);
    case 'bool':
      return fc.uint8Array({ ...exact, max: 1 });
    case 'string':
      return fc.array(fc.string({ unit: 'grapheme', maxLength: 5 }), exact);
    default:
      return fc.float32Array(exact);
  }
};

const arbitraryConstant = (name: string): fc.Arbitrary<GraphNode> =>
  fc.tuple(arbitrarySpec, fc.boolean()).chain(([spec, filled]) => {
    const fixed = spec.shape.every((dimension) => typeof dimension === 'number');
    const fill = spec.dtype === 'string' ? fc.string() : arbitraryNumber;
    const values: fc.Arbitrary<ConstantValues> =
      filled || !fixed ? record({ fill }) : arbitraryElements(spec);
    return values.map((elements) => ({
      kind: 'constant',
      name,
      outputs: [spec],
      values: elements,
    }));
  });

const arbitraryKernel = (name: string, before: readonly GraphNode[]): fc.Arbitrary<GraphNode> => {
  const refs: TensorRef[] = before.flatMap(({ outputs }, node) =>
    outputs.map((_, output) => ({ node, output })),
  );
  const input: fc.Arbitrary<KernelInput> =
    refs.length === 0
      ? fc.constantFrom(null, [])
      : fc.oneof(
          fc.constantFrom(...refs),
          fc.array(fc.constantFrom(...refs), { maxLength: 3 }),
          fc.constant(null),
        );
  return record({
    kind: fc.constant('kernel' as const),
    name: fc.constant(name),
    kernel: fc.constantFrom('BatchMatMul', 'Add', 'Concat', 'SomethingElse'),
    inputs: fc.dictionary(arbitraryKey, input, { maxKeys: 3, noNullPrototype: true }),
    attributes: fc.dictionary(arbitraryKey, arbitraryAttribute, {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    outputs: fc.array(arbitrarySpec, { maxLength: 3 }),
  });
};

const arbitraryNode = (name: string, before: readonly GraphNode[]): fc.Arbitrary<GraphNode> => {
  const outputs = fc.tuple(arbitrarySpec);
  const kind = <Kind extends string>(value: Kind) => fc.constant(value);
  return fc.oneof(
    record({ kind: kind('placeholder'), name: fc.constant(name), outputs }),
    record({
      kind: kind('variable'),
      name: fc.constant(name),
      trainable: fc.boolean(),
      outputs,
    }),
    record({
      kind: kind('random'),
      name: fc.constant(name),
      distribution: fc.constantFrom('uniform', 'normal', 'truncatedNormal'),
      parameters: fc.dictionary(fc.constantFrom('minval', 'maxval', 'mean', 'stddev'), finite, {
        noNullPrototype: true,
      }),
      index: fc.nat(),
      outputs,
    }),
    arbitraryConstant(name),
    arbitraryKernel(name, before),
  );
};

const arbitraryName = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_/]{0,8}$/) },
  fc.constantFrom('a:0', 'a:1', 'a', 'constructor', 'é/ü', 'x y'),
);

const arbitraryNodes: fc.Arbitrary<readonly GraphNode[]> = fc
  .uniqueArray(arbitraryName, { maxLength: 8 })
  .chain((names) =>
    names.reduce<fc.Arbitrary<readonly GraphNode[]>>(
      (nodes, name) =>
        nodes.chain((before) => arbitraryNode(name, before).map((node) => [...before, node])),
      fc.constant([]),
    ),
  );

const arbitrarySignature = (nodes: readonly GraphNode[]): fc.Arbitrary<Signature> => {
  const named = (kind: GraphNode['kind']) =>
    nodes.filter((node) => node.kind === kind).map(({ name }) => name);
  const refs = nodes.flatMap(({ outputs }, node) => outputs.map((_, output) => ({ node, output })));
  const ref: fc.Arbitrary<TensorRef> =
    refs.length === 0 ? fc.constant({ node: 0, output: 0 }) : fc.constantFrom(...refs);
  return record({
    inputs: fc.subarray(named('placeholder')),
    outputs:
      refs.length === 0
        ? fc.constant({})
        : fc.dictionary(arbitraryName, ref, { maxKeys: 3, noNullPrototype: true }),
    updates:
      refs.length === 0
        ? fc.constant([])
        : fc
            .subarray(named('variable'))
            .chain((variables) =>
              fc.tuple(...variables.map((variable) => ref.map((value) => ({ variable, value })))),
            ),
  });
};

/** Graphs of every kind of node, most of which no backend could run. */
export const arbitraryGraph: fc.Arbitrary<GraphDefinition> = arbitraryNodes.chain((nodes) =>
  record({
    nodes: fc.constant(nodes),
    metadata: fc.dictionary(arbitraryName, fc.string({ unit: 'grapheme' }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    signatures: fc.dictionary(arbitraryName, arbitrarySignature(nodes), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  }),
);
