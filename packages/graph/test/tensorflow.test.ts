import { useBackend } from '@elistimator/backend';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../src/graph';
import { cnn, graphOf } from './models';

const { python, reason } = await pythonOracle();

const describeGraph = `
import base64, json, sys
from tensorflow.core.framework import graph_pb2
graph = graph_pb2.GraphDef.FromString(base64.b64decode(sys.stdin.read()))
outputs = {node.name: node for node in graph.node}
seen, forward, unknown = set(), [], []
for node in graph.node:
  for name in node.input:
    source = name.split(':')[0]
    if source not in outputs: unknown.append(name)
    elif source not in seen: forward.append(name)
  seen.add(node.name)
def shapes(node):
  return [[dim.size for dim in shape.dim] for shape in node.attr['_output_shapes'].list.shape]
print(json.dumps(dict(
  count=len(graph.node), unique=len(outputs), forward=forward, unknown=unknown,
  devices=list({node.device for node in graph.node}),
  ops={node.name: node.op for node in graph.node},
  shapes={node.name: shapes(node) for node in graph.node},
  strides=list(outputs['conv2d/Conv2D'].attr['strides'].list.i),
  dtype=outputs['conv2d/Conv2D'].attr['T'].type)))
`;

const describeMeta = `
import base64, json, sys
from tensorflow.core.protobuf import meta_graph_pb2
meta = meta_graph_pb2.MetaGraphDef.FromString(base64.b64decode(sys.stdin.read()))
train = meta.signature_def['train']
print(json.dumps(dict(
  tags=list(meta.meta_info_def.tags)[:1],
  signatures=sorted(meta.signature_def),
  inputs={k: [v.name, v.dtype, [d.size for d in v.tensor_shape.dim]] for k, v in train.inputs.items()},
  loss=train.outputs['loss'].dtype,
  updates=len(meta.collection_def['elistimator/updates/train'].node_list.value))))
`;

/** TensorBoard's own code reads the graph, and fails if it can't show it. */
const showInTensorBoard = `
import base64, json, os, sys, tempfile
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.graph import graph_util
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.compat.proto import graph_pb2
data = base64.b64decode(sys.stdin.read())
folder = tempfile.mkdtemp()
writer = EventFileWriter(folder)
writer.add_event(event_pb2.Event(graph_def=data))
writer.close()
accumulator = event_accumulator.EventAccumulator(folder)
accumulator.Reload()
graph = accumulator.Graph()
merged = graph_util.merge_graph_defs([graph])
print(json.dumps(len(merged.node)))
`;

describe.skipIf(python === undefined)(`a CNN's graph in Python TensorFlow ${reason ?? ''}`, () => {
  let graph: Graph;
  beforeAll(async () => {
    await useBackend({ backend: 'wasm' });
    graph = graphOf(cnn());
  });
  const run = <T>(source: string, bytes: Uint8Array) =>
    runPython<T>(python ?? '', source, [], Buffer.from(bytes).toString('base64'));

  it("is a GraphDef in order of execution, with TensorFlow's shapes and operations", () => {
    const seen = run<{
      count: number;
      unique: number;
      forward: string[];
      unknown: string[];
      devices: string[];
      ops: Record<string, string>;
      shapes: Record<string, number[][]>;
      strides: number[];
      dtype: number;
    }>(describeGraph, graph.toGraphDef());
    expect(seen.unknown).toEqual([]);
    expect(seen.forward).toEqual([]);
    expect(seen.unique).toBe(seen.count);
    expect(seen.devices).toEqual(['']);
    expect(seen.ops).toMatchObject({
      images: 'Placeholder',
      'conv2d/Conv2D': 'Conv2D',
      'dense/MatMul': 'MatMul',
      softmax: 'Softmax',
    });
    expect(Object.values(seen.ops)).toEqual(
      expect.arrayContaining(['RandomUniform', 'Assign', 'VariableV2']),
    );
    expect(seen.shapes.images).toEqual([[-1, 784]]);
    expect(seen.shapes['conv2d/Conv2D']).toEqual([[-1, 28, 28, 32]]);
    expect(seen.strides.length + seen.dtype).toBeGreaterThan(0);
  });

  it('is a MetaGraphDef with its signatures', () => {
    expect(run(describeMeta, graph.toBytes())).toEqual({
      tags: ['elistimator'],
      signatures: ['evaluate', 'predict', 'train'],
      inputs: { images: ['images:0', 1, [-1, 784]], labels: ['labels:0', 3, [-1]] },
      loss: 1,
      updates: 16,
    });
  });

  it('is shown by TensorBoard', () => {
    expect(run(showInTensorBoard, graph.toGraphDef())).toBeGreaterThan(graph.operations.length);
  });
});
