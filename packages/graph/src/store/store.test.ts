import assert from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type MetaGraphDef, MetaGraphDefSchema } from '@elistimator/protos';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryAttribute, arbitraryGraph } from '../../test/arbitrary-graph';
import { batch, DefinitionBuilder, float, linear } from '../../test/definitions';
import { Graph } from '../graph';
import { GraphFormatError } from '../ir/errors';
import type { AttributeValue } from '../ir/types';
import { attributeFromJson, attributeToJson } from './attribute-json';
import { detailsAttribute, withChecksum } from './format';

/** As a graph is stored, checksum and all: what only someone who means harm would write. */
const sealed = ({ metaInfoDef, ...fields }: MetaGraphDef) =>
  withChecksum(toBinary(MetaGraphDefSchema, { ...fields }), metaInfoDef?.metaGraphVersion);

const plain = ({ nodes, signatures, metadata }: Graph) => ({ nodes, signatures, metadata });

describe('attributes as JSON', () => {
  it('are the same after a round trip', () => {
    fc.assert(
      fc.property(arbitraryAttribute, (value) => {
        const text = JSON.stringify(attributeToJson(value));
        assert.deepStrictEqual(attributeFromJson(JSON.parse(text)), value);
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[AttributeValue, string]>([
    [Number.NaN, '{"_":"NaN"}'],
    [-0, '{"_":"-0"}'],
    [undefined, '{"_":"undefined"}'],
    [{ batch: [1, 2, 0] }, '{"_":[1,2,0]}'],
    [{ batch: [0, 1, 0], reciprocal: true }, '{"_":[0,1,0,-1]}'],
    [{ _: 1 }, '{"_":{"_":1}}'],
    [[1, [true, 'x']], '[1,[true,"x"]]'],
  ])('%j is written as %s', (value, json) => {
    expect(JSON.stringify(attributeToJson(value))).toBe(json);
  });

  it.each([
    '{"_":[1]}',
    '{"_":"none"}',
    '{"_":null}',
    '{"a":{"__proto__":1}}',
    `${'['.repeat(100)}${']'.repeat(100)}`,
  ])('rejects %s', (json) => {
    expect(() => attributeFromJson(JSON.parse(json))).toThrow(GraphFormatError);
  });
});

describe('a stored graph', () => {
  it('is the same after a round trip', () => {
    fc.assert(
      fc.property(arbitraryGraph, (definition) => {
        const bytes = new Graph(definition).toBytes();
        const read = Graph.fromBytes(bytes);
        assert.deepStrictEqual(plain(read), definition);
        expect(read.toBytes()).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("is a MetaGraphDef with TensorFlow's names of operations and dtypes", () => {
    const meta = fromBinary(MetaGraphDefSchema, new Graph(linear()).toBytes());
    expect(meta.metaInfoDef).toMatchObject({
      metaGraphVersion: '2',
      tags: ['elistimator', expect.stringMatching(/^crc32c:[0-9a-f]{8}$/)],
    });
    expect(meta.graphDef?.node[3]).toMatchObject({
      name: 'dense/MatMul',
      op: 'MatMul',
      input: ['x', 'w'],
    });
    expect(meta.signatureDef.train?.inputs.x?.encoding.value).toBe('x:0');
    expect(meta.signatureDef.train?.inputs.x?.tensorShape?.dim.map(({ size }) => size)).toEqual([
      -1n,
      3n,
    ]);
    expect(meta.collectionDef['elistimator/updates/train']?.kind.value).toMatchObject({
      value: ['w', 'train/Mul', 'b', 'train/Add'],
    });
  });

  it('can be read from part of a larger buffer', () => {
    const bytes = new Graph(linear()).toBytes();
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    const read = Graph.fromBytes(larger.subarray(3, 3 + bytes.length));
    expect(plain(read)).toStrictEqual({ ...linear(), metadata: {} });
  });
});

describe('rejects', () => {
  const changed = (change: (meta: MetaGraphDef) => void) => {
    const meta = fromBinary(MetaGraphDefSchema, new Graph(linear()).toBytes());
    change(meta);
    return () => Graph.fromBytes(sealed(meta));
  };
  const details = (meta: MetaGraphDef, node: number, change: (text: string) => string) => {
    const attribute = meta.graphDef?.node[node]?.attr[detailsAttribute]?.value;
    if (attribute?.case !== 's') throw new Error('no details');
    attribute.value = Buffer.from(change(Buffer.from(attribute.value).toString()));
  };

  it.each<[string, (meta: MetaGraphDef) => void, string]>([
    [
      'a newer version',
      (meta) => Object.assign(meta.metaInfoDef ?? {}, { metaGraphVersion: '3' }),
      'got format "3". Update @elistimator/graph',
    ],
    [
      'a version that is not a number',
      (meta) => Object.assign(meta.metaInfoDef ?? {}, { metaGraphVersion: 'x' }),
      'got format "x". The file is damaged',
    ],
    [
      'a cycle',
      (meta) => meta.graphDef?.node[3]?.input.splice(0, 1, 'dense/BiasAdd'),
      'tensors of earlier operations',
    ],
    [
      'an input that is not there',
      (meta) => meta.graphDef?.node[3]?.input.splice(0, 1, 'y'),
      '"y"',
    ],
    [
      'an output that is not there',
      (meta) => meta.graphDef?.node[3]?.input.splice(0, 1, 'x:7'),
      '0:7',
    ],
    [
      'a missing input',
      (meta) => meta.graphDef?.node[3]?.input.pop(),
      'an index of one of its 1 inputs',
    ],
    [
      'a duplicate name',
      (meta) => Object.assign(meta.graphDef?.node[1] ?? {}, { name: 'x' }),
      'a unique name',
    ],
    [
      'no details',
      (meta) => delete meta.graphDef?.node[1]?.attr[detailsAttribute],
      'the attribute _tfjs',
    ],
    ['details that are no JSON', (meta) => details(meta, 1, (text) => text.slice(1)), 'JSON'],
    ['details that are a list', (meta) => details(meta, 1, () => '[]'), 'a JSON object'],
    ['details without end', (meta) => details(meta, 1, () => '['.repeat(2e6)), 'JSON'],
    [
      'an unknown kind',
      (meta) => details(meta, 1, (text) => text.replace('variable', 'while')),
      '"while"',
    ],
    [
      'a huge shape',
      (meta) => details(meta, 1, (text) => text.replace('[3,2]', '[99999,99999]')),
      'a shape of at most 2147483647 elements',
    ],
    [
      'a deep attribute',
      (meta) =>
        details(meta, 3, (text) => text.replace('false', `${'['.repeat(1e5)}${']'.repeat(1e5)}`)),
      'at most',
    ],
    [
      'an attribute named __proto__',
      (meta) => details(meta, 3, (text) => text.replace('transposeA', '__proto__')),
      '__proto__',
    ],
    [
      'an input named __proto__',
      (meta) => details(meta, 3, (text) => text.replace('"a"', '"__proto__"')),
      '__proto__',
    ],
    [
      'no updates',
      (meta) => delete meta.collectionDef['elistimator/updates/train'],
      'expected updates',
    ],
    [
      'half an update',
      (meta) =>
        Object.assign(meta.collectionDef['elistimator/updates/train']?.kind.value ?? {}, {
          value: ['w'],
        }),
      'a tensor for each variable',
    ],
  ])('%s', (_, change, message) => {
    const read = changed(change);
    expect(read).toThrow(GraphFormatError);
    expect(read).toThrow(message);
  });

  it('other bytes', () => {
    expect(() => Graph.fromBytes(new Uint8Array())).toThrow(GraphFormatError);
    expect(() => Graph.fromBytes(Buffer.from('{"nodes": []}'))).toThrow('got other bytes');
    const empty = toBinary(MetaGraphDefSchema, create(MetaGraphDefSchema));
    expect(() => Graph.fromBytes(empty)).toThrow('no tag');
  });
});

describe('damage', () => {
  const builder = new DefinitionBuilder();
  const x = builder.placeholder('x', float(batch, 2));
  const c = builder.constant('c', float(2), new Float32Array([1, Number.NaN]));
  const y = builder.kernel('y', 'Add', { a: x, b: c }, float(batch, 2), {
    scale: { batch: [0, 2, 0] },
  });
  const bytes = new Graph(builder.signature('s', ['x'], { y }).definition).toBytes();

  /** All but `meta_info_def`, which holds the checksum. */
  const fieldsOf = (bytes: Uint8Array) => {
    const meta = fromBinary(MetaGraphDefSchema, bytes);
    delete meta.metaInfoDef;
    return toBinary(MetaGraphDefSchema, meta);
  };

  /** Reading gives a graph, which damage may leave valid, or a GraphFormatError. */
  const readOrRefuse = (damaged: Uint8Array) => {
    try {
      return Graph.fromBytes(damaged);
    } catch (error) {
      expect(error).toBeInstanceOf(GraphFormatError);
      return undefined;
    }
  };

  it('is detected in bytes cut anywhere', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => Graph.fromBytes(bytes.slice(0, length))).toThrow(GraphFormatError);
    }
  });

  it('is detected in any bit', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => Graph.fromBytes(damaged)).toThrow(GraphFormatError);
    }
  });

  it('of any bit, with a matching checksum, gives a graph or a GraphFormatError', () => {
    const fields = fieldsOf(bytes);
    for (let bit = 0; bit < fields.length * 8; bit++) {
      const damaged = fields.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      readOrRefuse(withChecksum(damaged));
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('that cuts the bytes, with a matching checksum, gives a graph or a GraphFormatError', () => {
    const fields = fieldsOf(bytes);
    for (let length = 0; length < fields.length; length++) {
      readOrRefuse(withChecksum(fields.slice(0, length)));
    }
  });

  const cases = 20_000;

  it(`of any other kind, ${cases} times: a graph or the one error`, () => {
    const intact = fieldsOf(new Graph(linear()).toBytes());
    const edit = fc.record({
      at: fc.nat(intact.length - 1),
      remove: fc.nat(20),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc
          .constantFrom(
            '"__proto__":{},',
            '{"_":[',
            '-1',
            '1e999',
            '99999999',
            '[[[[',
            'constructor',
            '\u0000',
            '\ud800',
          )
          .map((text) => new Uint8Array(Buffer.from(text))),
        fc
          .tuple(fc.nat(intact.length - 1), fc.nat(60))
          .map(([from, length]) => intact.slice(from, from + length)),
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let damaged = intact;
        for (const { at, remove, insert } of edits) {
          damaged = new Uint8Array(
            Buffer.concat([damaged.subarray(0, at), insert, damaged.subarray(at + remove)]),
          );
        }
        readOrRefuse(withChecksum(damaged));
      }),
      { numRuns: cases },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('in the JSON of an operation gives a graph or a GraphFormatError', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    const stored = new Graph(linear()).toBytes();
    fc.assert(
      fc.property(
        fc.nat(9),
        json,
        fc.constantFrom('kind', 'inputs', 'attributes', 'outputs', 'kernel', 'fill', 'trainable'),
        (node, value, key) => {
          const changed = fromBinary(MetaGraphDefSchema, stored);
          const attribute = changed.graphDef?.node[node]?.attr[detailsAttribute];
          if (attribute?.value.case !== 's') throw new Error('no details');
          const details = JSON.parse(Buffer.from(attribute.value.value).toString());
          attribute.value.value = Buffer.from(JSON.stringify({ ...details, [key]: value }));
          readOrRefuse(sealed(changed));
        },
      ),
      { numRuns: cases / 10 },
    );
  });
});
