import { fromBinary } from '@bufbuild/protobuf';
import { reasonOf } from '@elistimator/internal';
import { type MetaGraphDef, MetaGraphDefSchema, type SignatureDef } from '@elistimator/protos';
import { GraphFormatError } from '../ir/errors';
import { parseTensorName } from '../ir/references';
import type { GraphDefinition, GraphNode, Signature, TensorRef, VariableUpdate } from '../ir/types';
import {
  failAt,
  formatTag,
  formatVersion,
  hasValidChecksum,
  isReadable,
  metadataCollection,
  updatesCollection,
} from './format';
import { readNode } from './read-node';

const damaged = (actual: string, fix: string, cause?: unknown): GraphFormatError =>
  new GraphFormatError(
    {
      subject: 'a stored graph',
      expected: `a MetaGraphDef of format ${formatVersion}`,
      actual,
      fix,
    },
    { cause },
  );

const parse = (bytes: Uint8Array): MetaGraphDef => {
  try {
    return fromBinary(MetaGraphDefSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw damaged('other bytes', 'The file is damaged, or is not a graph.', error);
  }
};

const checkVersion = ({ metaInfoDef }: MetaGraphDef): string => {
  if (!metaInfoDef?.tags.includes(formatTag)) {
    throw damaged(`no tag "${formatTag}"`, 'The file is damaged, or another program wrote it.');
  }
  const version = metaInfoDef.metaGraphVersion;
  if (isReadable(version)) return version;
  const newer = /^\d{1,9}$/.test(version) && Number(version) > formatVersion;
  throw damaged(
    `format ${JSON.stringify(version.slice(0, 20))}`,
    newer ? 'Update @elistimator/graph to read it.' : 'The file is damaged.',
  );
};

/** Looks up tensors by name among the operations read so far. */
class ReadOperations {
  readonly #indices = new Map<string, number>();

  add(name: string, index: number): void {
    if (this.#indices.has(name)) failAt(name, 'a unique name', name);
    this.#indices.set(name, index);
  }

  ref(user: string, text: string): TensorRef {
    const { name, output } = parseTensorName(text);
    const node = this.#indices.get(name);
    return node === undefined
      ? failAt(user, 'tensors of earlier operations', text)
      : { node, output };
  }
}

const readUpdates = (
  name: string,
  { collectionDef }: MetaGraphDef,
  operations: ReadOperations,
): VariableUpdate[] => {
  const key = `${updatesCollection}${name}`;
  const kind = Object.hasOwn(collectionDef, key) ? collectionDef[key]?.kind : undefined;
  if (kind?.case !== 'nodeList') return failAt(name, 'updates', kind?.case);
  const names = kind.value.value;
  if (names.length % 2 !== 0) failAt(name, 'a tensor for each variable', names.length);
  const updates: VariableUpdate[] = [];
  for (let index = 0; index < names.length; index += 2) {
    updates.push({
      variable: names[index] ?? '',
      value: operations.ref(name, names[index + 1] ?? ''),
    });
  }
  return updates;
};

const readMetadata = ({ collectionDef }: MetaGraphDef): Readonly<Record<string, string>> => {
  if (!Object.hasOwn(collectionDef, metadataCollection)) return {};
  const kind = collectionDef[metadataCollection]?.kind;
  if (kind?.case !== 'nodeList') return failAt(metadataCollection, 'texts', kind?.case);
  const texts = kind.value.value;
  if (texts.length % 2 !== 0) failAt(metadataCollection, 'a text for each name', texts.length);
  const pairs: [string, string][] = [];
  for (let index = 0; index < texts.length; index += 2) {
    pairs.push([texts[index] ?? '', texts[index + 1] ?? '']);
  }
  return Object.fromEntries(pairs);
};

const readSignature = (
  name: string,
  { inputs, outputs }: SignatureDef,
  meta: MetaGraphDef,
  operations: ReadOperations,
): Signature => ({
  inputs: Object.keys(inputs),
  outputs: Object.fromEntries(
    Object.entries(outputs).map(([output, { encoding }]) => [
      output,
      operations.ref(name, encoding.value ?? ''),
    ]),
  ),
  updates: readUpdates(name, meta, operations),
});

const readDefinition = (meta: MetaGraphDef): GraphDefinition => {
  const operations = new ReadOperations();
  const nodes: GraphNode[] = [];
  for (const node of meta.graphDef?.node ?? []) {
    const refs = node.input.map((input) => operations.ref(node.name, input));
    operations.add(node.name, nodes.push(readNode(node, refs)) - 1);
  }
  const signatures = Object.entries(meta.signatureDef).map(([name, signature]) => [
    name,
    readSignature(name, signature, meta, operations),
  ]);
  return { nodes, signatures: Object.fromEntries(signatures), metadata: readMetadata(meta) };
};

/**
 * Reads what `toBytes` wrote, in time and memory proportional to the number of bytes, whatever they claim.
 *
 * @throws GraphFormatError if the bytes are damaged, are not a graph, or have a newer format
 */
export const fromBytes = (bytes: Uint8Array): GraphDefinition => {
  const meta = parse(bytes);
  const version = checkVersion(meta);
  if (!hasValidChecksum(bytes, version)) {
    throw damaged('bytes with another checksum', 'The file is damaged: use another copy.');
  }
  try {
    return readDefinition(meta);
  } catch (error) {
    if (error instanceof GraphFormatError) throw error;
    // Invalid JSON or UTF-8.
    throw damaged(reasonOf(error), 'The file is damaged.', error);
  }
};
