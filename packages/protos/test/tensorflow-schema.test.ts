import { create, type DescFile, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ConfigProtoSchema,
  DataType,
  file_tensorflow_attr_value,
  file_tensorflow_config,
  file_tensorflow_device_attributes,
  file_tensorflow_event,
  file_tensorflow_graph,
  file_tensorflow_meta_graph,
  file_tensorflow_op_def,
  file_tensorflow_saved_model,
  file_tensorflow_summary,
  file_tensorflow_tensor,
  file_tensorflow_tensor_bundle,
  GraphDefSchema,
  MetaGraphDefSchema,
  SavedModelSchema,
} from '../src/index';

/** Makes every message type of Python TensorFlow available in `pool`. */
const imports = `
import base64, json, sys
from google.protobuf import descriptor_pool, text_format
from tensorflow.core.framework import device_attributes_pb2, graph_pb2, op_def_pb2, tensor_pb2
from tensorflow.core.protobuf import (cluster_pb2, config_pb2, meta_graph_pb2, rewriter_config_pb2,
  saved_model_pb2, saver_pb2, tensor_bundle_pb2, tensorflow_server_pb2)
from tensorflow.core.util import event_pb2
import tensorflow as tf
pool = descriptor_pool.Default()
`;

const describeMessages = `${imports}
def describe(name):
  return [[f.name, f.number, f.is_repeated, f.type, f.containing_oneof is not None]
          for f in pool.FindMessageTypeByName(name).fields]
print(json.dumps({name: describe(name) for name in json.load(sys.stdin)}))
`;

const describeEnums = `${imports}
print(json.dumps({name: {v.name: v.number for v in pool.FindEnumTypeByName(name).values}
                  for name in json.load(sys.stdin)}))
`;

const files = [
  file_tensorflow_attr_value,
  file_tensorflow_config,
  file_tensorflow_device_attributes,
  file_tensorflow_event,
  file_tensorflow_graph,
  file_tensorflow_meta_graph,
  file_tensorflow_op_def,
  file_tensorflow_saved_model,
  file_tensorflow_summary,
  file_tensorflow_tensor,
  file_tensorflow_tensor_bundle,
];
const messagesOf = (file: DescFile): DescMessage[] =>
  [...nestedTypes(file)].filter((type) => type.kind === 'message');

// Constants of descriptor.proto. An enum and an int32 have the same wire format.
const INT32 = 5;
const ENUM = 14;
const REPEATED = 3;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

const { python, reason } = await pythonOracle();

describe.skipIf(python === undefined)(`the schema of Python TensorFlow ${reason ?? ''}`, () => {
  const run = <T>(source: string, input: unknown) =>
    runPython<T>(python ?? '', source, [], JSON.stringify(input));

  type Field = [name: string, number: number, repeated: boolean, type: number, oneof: boolean];
  let pythonFields: Record<string, Field[]>;
  beforeAll(() => {
    pythonFields = run(
      describeMessages,
      files.flatMap(messagesOf).map(({ typeName }) => typeName),
    );
  });

  it.each(files.map((file) => [file.proto.name, file] as const))(
    '%s: every field has the same number, type and label as in TensorFlow',
    (_, file) => {
      for (const message of messagesOf(file)) {
        const expected = new Map(pythonFields[message.typeName]?.map((field) => [field[0], field]));
        for (const { proto, oneof, name } of message.fields) {
          const type = proto.type === INT32 && expected.get(name)?.[3] === ENUM ? ENUM : proto.type;
          const actual = [name, proto.number, proto.label === REPEATED, type, oneof !== undefined];
          expect([message.typeName, ...(expected.get(name) ?? [])]).toEqual([
            message.typeName,
            ...actual,
          ]);
        }
      }
    },
  );

  it('every enum value has the same number as in TensorFlow', () => {
    const types = files.flatMap((file) => [...nestedTypes(file)]);
    const enums = types.filter((type) => type.kind === 'enum');
    const pythonEnums = run<Record<string, Record<string, number>>>(
      describeEnums,
      enums.map(({ typeName }) => typeName),
    );
    expect(enums.length).toBeGreaterThan(5);
    for (const { typeName, values } of enums) {
      const numbers = Object.fromEntries(values.map(({ name, number }) => [name, number]));
      expect(pythonEnums[typeName]).toMatchObject(numbers);
    }
  });

  it('preserves a graph that Python TensorFlow wrote, including functions and signatures', () => {
    const written = run<{ graph: string; meta: string; saved: string }>(
      `${imports}
@tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name='x')])
def step(x):
  return tf.cond(tf.reduce_sum(x) > 0, lambda: tf.nn.softmax(x), lambda: x + 1.0)
graph = tf.Graph()
with graph.as_default():
  v = tf.compat.v1.get_variable('w', [2, 3])
  tf.compat.v1.train.Saver()
  meta = tf.compat.v1.train.export_meta_graph()
definition = step.get_concrete_function().graph.as_graph_def()
meta.signature_def['serve'].inputs['x'].name = 'w:0'
saved = saved_model_pb2.SavedModel(saved_model_schema_version=1, meta_graphs=[meta])
print(json.dumps({k: base64.b64encode(m.SerializeToString()).decode()
                  for k, m in dict(graph=definition, meta=meta, saved=saved).items()}))
`,
      null,
    );
    const graph = fromBinary(GraphDefSchema, bytesOf(written.graph));
    const meta = fromBinary(MetaGraphDefSchema, bytesOf(written.meta));
    const saved = fromBinary(SavedModelSchema, bytesOf(written.saved));
    expect(graph.node.map(({ op }) => op)).toContain('Placeholder');
    expect(graph.library?.function.length).toBeGreaterThan(1);
    expect(meta.graphDef?.node.map(({ name }) => name)).toContain('w');
    expect(meta.collectionDef.variables?.kind.case).toBe('bytesList');
    expect(meta.signatureDef.serve?.inputs.x?.encoding.value).toBe('w:0');

    const equal = run<boolean[]>(
      `${imports}
pairs = json.load(sys.stdin)
def text(kind, data):
  message = kind.FromString(base64.b64decode(data))
  return text_format.MessageToString(message)
print(json.dumps([text(kind, pairs[k][0]) == text(kind, pairs[k][1]) for k, kind in
  dict(graph=graph_pb2.GraphDef, meta=meta_graph_pb2.MetaGraphDef, saved=saved_model_pb2.SavedModel).items()]))
`,
      {
        graph: [written.graph, base64(toBinary(GraphDefSchema, graph))],
        meta: [written.meta, base64(toBinary(MetaGraphDefSchema, meta))],
        saved: [written.saved, base64(toBinary(SavedModelSchema, saved))],
      },
    );
    expect(equal).toEqual([true, true, true]);
  });

  it('writes a ConfigProto and a GraphDef that Python TensorFlow reads completely', () => {
    const config = create(ConfigProtoSchema, {
      deviceCount: { GPU: 2 },
      intraOpParallelismThreads: 3,
      interOpParallelismThreads: 4,
      allowSoftPlacement: true,
      gpuOptions: { perProcessGpuMemoryFraction: 0.5, allowGrowth: true, visibleDeviceList: '0,2' },
      experimental: { optimizeForStaticGraph: true },
    });
    const graph = create(GraphDefSchema, {
      versions: { producer: 1882 },
      node: [
        {
          name: 'x',
          op: 'Placeholder',
          attr: {
            dtype: { value: { case: 'type', value: DataType.DT_FLOAT } },
            shape: { value: { case: 'shape', value: { dim: [{ size: -1n }, { size: 3n }] } } },
          },
        },
      ],
    });
    const texts = run<string[]>(
      `${imports}
config, graph = json.load(sys.stdin)
print(json.dumps([text_format.MessageToString(kind.FromString(base64.b64decode(data)), as_one_line=True)
  for kind, data in [(config_pb2.ConfigProto, config), (graph_pb2.GraphDef, graph)]]))
`,
      [base64(toBinary(ConfigProtoSchema, config)), base64(toBinary(GraphDefSchema, graph))],
    );
    expect(texts).toEqual([
      'device_count { key: "GPU" value: 2 } intra_op_parallelism_threads: 3 ' +
        'inter_op_parallelism_threads: 4 gpu_options { per_process_gpu_memory_fraction: 0.5 ' +
        'allow_growth: true visible_device_list: "0,2" } allow_soft_placement: true ' +
        'experimental { optimize_for_static_graph: true }',
      'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } ' +
        'attr { key: "shape" value { shape { dim { size: -1 } dim { size: 3 } } } } } ' +
        'versions { producer: 1882 }',
    ]);
  });
});
