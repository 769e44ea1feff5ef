import { fromBinary } from '@bufbuild/protobuf';
import { type MetaGraphDef, MetaGraphDefSchema, type SignatureDef } from '@elistimator/protos';
import { GraphFormatError } from '../graph/errors';
import { parseTensorName } from '../graph/references';
import type {
  GraphDefinition,
  GraphNode,
  Signature,
  TensorRef,
  VariableUpdate,
} from '../graph/types';
import { formatTag, formatVersion, metadataCollection, updatesCollection } from './format';
import { malformed } from './malformed';
import { nodeFromProto } from './node-from-proto';
import { isIntact } from './seal';

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
    throw damaged('bytes that are none', 'The file is damaged, or is something else.', error);
  }
};

const checkVersion = ({ metaInfoDef }: MetaGraphDef): void => {
  if (!metaInfoDef?.tags.includes(formatTag)) {
    throw damaged(
      `no tag "${formatTag}"`,
      'The file is damaged, or is a graph that something else wrote.',
    );
  }
  const version = metaInfoDef.metaGraphVersion;
  if (version === String(formatVersion)) return;
  const newer = /^\d{1,9}$/.test(version) && Number(version) > formatVersion;
  throw damaged(
    `format ${JSON.stringify(version.slice(0, 20))}`,
    newer ? 'Update @elistimator/graph to read it.' : 'The file is damaged.',
  );
};

/** Finds tensors by name among the operations read so far. */
class Places {
  readonly #places = new Map<string, number>();

  add(name: string, place: number): void {
    if (this.#places.has(name)) malformed(name, 'a name of its own', 'one that another has');
    this.#places.set(name, place);
  }

  ref(user: string, text: string): TensorRef {
    const { name, output } = parseTensorName(text);
    const node = this.#places.get(name);
    return node === undefined
      ? malformed(user, 'tensors of operations before it', text)
      : { node, output };
  }
}

const readUpdates = (
  name: string,
  { collectionDef }: MetaGraphDef,
  places: Places,
): VariableUpdate[] => {
  const key = `${updatesCollection}${name}`;
  const kind = Object.hasOwn(collectionDef, key) ? collectionDef[key]?.kind : undefined;
  if (kind?.case !== 'nodeList') return malformed(name, 'its updates', kind?.case);
  const names = kind.value.value;
  if (names.length % 2 !== 0) malformed(name, 'a tensor for each variable', names.length);
  const updates: VariableUpdate[] = [];
  for (let at = 0; at < names.length; at += 2) {
    updates.push({ variable: names[at] ?? '', value: places.ref(name, names[at + 1] ?? '') });
  }
  return updates;
};

const readMetadata = ({ collectionDef }: MetaGraphDef): Readonly<Record<string, string>> => {
  if (!Object.hasOwn(collectionDef, metadataCollection)) return {};
  const kind = collectionDef[metadataCollection]?.kind;
  if (kind?.case !== 'nodeList') return malformed(metadataCollection, 'texts', kind?.case);
  const texts = kind.value.value;
  if (texts.length % 2 !== 0) malformed(metadataCollection, 'a text for each name', texts.length);
  const pairs: [string, string][] = [];
  for (let at = 0; at < texts.length; at += 2) pairs.push([texts[at] ?? '', texts[at + 1] ?? '']);
  return Object.fromEntries(pairs);
};

const readSignature = (
  name: string,
  { inputs, outputs }: SignatureDef,
  meta: MetaGraphDef,
  places: Places,
): Signature => ({
  inputs: Object.keys(inputs),
  outputs: Object.fromEntries(
    Object.entries(outputs).map(([output, { encoding }]) => [
      output,
      places.ref(name, encoding.value ?? ''),
    ]),
  ),
  updates: readUpdates(name, meta, places),
});

const readDefinition = (meta: MetaGraphDef): GraphDefinition => {
  const places = new Places();
  const nodes: GraphNode[] = [];
  for (const node of meta.graphDef?.node ?? []) {
    const refs = node.input.map((input) => places.ref(node.name, input));
    places.add(node.name, nodes.push(nodeFromProto(node, refs)) - 1);
  }
  const signatures = Object.entries(meta.signatureDef).map(([name, signature]) => [
    name,
    readSignature(name, signature, meta, places),
  ]);
  return { nodes, signatures: Object.fromEntries(signatures), metadata: readMetadata(meta) };
};

/**
 * Reads what `toBytes` wrote. Time and memory are in proportion to the bytes, whatever these claim.
 *
 * @throws GraphFormatError when they are damaged, are no graph, or are of a newer version
 */
export const fromBytes = (bytes: Uint8Array): GraphDefinition => {
  const meta = parse(bytes);
  checkVersion(meta);
  if (!isIntact(bytes)) {
    throw damaged('bytes of another checksum', 'The file is damaged: take another copy.');
  }
  try {
    return readDefinition(meta);
  } catch (error) {
    if (error instanceof GraphFormatError) throw error;
    // JSON or UTF-8 that is none.
    const message = error instanceof Error ? error.message : String(error);
    throw damaged(message, 'The file is damaged.', error);
  }
};
