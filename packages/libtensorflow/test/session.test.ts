import { setImmediate as turn } from 'node:timers/promises';
import { runPython } from '@elistimator/tooling/python';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ClosedHandleError,
  type Libtensorflow,
  loadLibtensorflow,
  OperationNotFoundError,
  TensorArgumentError,
  TensorflowError,
  type TfGraph,
  type TfSession,
  type TfTensor,
} from '../src';
import { oracle } from './library';
import { type TrainingGraph, trainingGraph } from './training-graph';

const { python, path, reason } = await oracle();

describe.skipIf(reason !== undefined)(`graphs and sessions${reason ? ` (${reason})` : ''}`, () => {
  let tensorflow: Libtensorflow;
  let training: TrainingGraph;
  let graphDef: Uint8Array;

  beforeAll(async () => {
    tensorflow = await loadLibtensorflow({ path });
    training = runPython<TrainingGraph>(python ?? '', trainingGraph);
    graphDef = Buffer.from(training.graphDef, 'base64');
  });

  const withSession = <Result>(use: (session: TfSession, graph: TfGraph) => Result): Result => {
    using graph = tensorflow.graph(graphDef);
    using session = tensorflow.session(graph, { intraOpThreads: 1, interOpThreads: 1 });
    session.run({ targets: [training.init] });
    return use(session, graph);
  };

  const batch = () => ({
    x: tensorflow.tensor('float32', [20, 8], training.images),
    y: tensorflow.tensor('int32', [20], training.labels),
  });

  test('a training loop gives the same losses as Python', () => {
    withSession((session) => {
      const { x, y } = batch();
      const step = session.makeCallable({
        feeds: ['x', 'y:0'],
        fetches: ['loss:0'],
        targets: ['train'],
      });
      const losses = training.losses.map(() => {
        const outputs = step.run(x, y);
        const [value] = outputs.flatMap((loss) => Array.from(loss.data() as Float32Array));
        for (const loss of outputs) loss.close();
        return value;
      });
      for (const [at, loss] of losses.entries())
        expect(loss).toBeCloseTo(training.losses[at] ?? 0, 5);
      x.close();
      y.close();
    });
  });

  test('the graph lists the operations that Python added, and exports them again', () => {
    withSession((_, graph) => {
      const listed = graph.operations().map(({ name, type }) => [name, type]);
      expect(listed.sort()).toEqual([...training.nodes].map((node) => [...node]).sort());
      const exported = runPython<{ equal: boolean }>(
        python ?? '',
        `
import base64, json, sys
from tensorflow.core.framework import graph_pb2
read = lambda text: graph_pb2.GraphDef.FromString(base64.b64decode(text))
before, after = [{n.name: (n.op, sorted(n.input), sorted(k for k in n.attr if k != "_output_shapes")) for n in read(text).node} for text in json.load(sys.stdin)]
kept = all(after[name][:2] == node[:2] and set(node[2]) <= set(after[name][2]) for name, node in before.items())
print(json.dumps({"equal": kept and len(before) == len(after)}))
`,
        [],
        JSON.stringify([training.graphDef, Buffer.from(graph.toGraphDef()).toString('base64')]),
      );
      expect(exported).toEqual({ equal: true });
    });
  });

  test('operations describe their outputs', () => {
    withSession((_, graph) => {
      expect(graph.operation('logits').outputs).toEqual([{ dtype: 'float32', shape: [-1, 4] }]);
      const parts = graph.operation('parts');
      expect(parts).toMatchObject({ name: 'parts', type: 'Split', device: '', inputCount: 2 });
      expect(parts.outputs).toHaveLength(2);
      expect(graph.findOperation('nope')).toBeUndefined();
      expect(() => graph.operation('nope')).toThrow(OperationNotFoundError);
      expect(() => graph.output('parts:2')).toThrow(/expected an output 2, got 2 outputs/);
    });
  });

  test('a prefix separates two imports', () => {
    using graph = tensorflow.graph(graphDef, { prefix: 'a' });
    graph.importGraphDef(graphDef, { prefix: 'b' });
    expect(graph.operation('a/loss').type).toBe('Mean');
    expect(graph.operation('b/loss').type).toBe('Mean');
  });

  test('an invalid GraphDef throws TensorFlow code and message', () => {
    const before = tensorflow.liveHandles();
    const load = () => tensorflow.graph(Uint8Array.of(1, 2, 3));
    expect(load).toThrow(TensorflowError);
    expect(load).toThrow(
      expect.objectContaining({ code: 3, codeName: 'INVALID_ARGUMENT', subject: 'Graph import' }),
    );
    expect(tensorflow.liveHandles()).toEqual(before);
  });

  test('strings are fed and fetched, and outlive the tensors they came from', () => {
    withSession((session) => {
      const long = 'a string that is longer than twenty-two bytes';
      const given = tensorflow.tensor('string', [3], ['short', long, 'é'.repeat(20)]);
      const [names, joined, same] = session.run({
        feeds: { given },
        fetches: ['names', 'joined', 'same'],
      });
      given.close();
      expect(names?.strings()).toEqual(['short', long]);
      expect(joined?.strings()).toEqual(['short!', `${long}!`, `${'é'.repeat(20)}!`]);
      expect(same?.strings()).toEqual(['short', long, 'é'.repeat(20)]);
      for (const tensor of [names, joined, same]) tensor?.close();
    });
  });

  test('the second output of an operation', () => {
    withSession((session) => {
      using x = tensorflow.tensor('float32', [1, 8], [1, 2, 3, 4, 5, 6, 7, 8]);
      const [second] = session.run({ feeds: { x }, fetches: ['parts:1'] });
      expect(second?.data()).toEqual(Float32Array.of(5, 6, 7, 8));
      second?.close();
    });
  });

  test('a thousand runs, half of them failing, leave no handle open', () => {
    const before = tensorflow.liveHandles();
    withSession((session) => {
      const good = tensorflow.tensor('float32', [1, 8], new Float32Array(8).fill(1));
      const bad = tensorflow.tensor('float32', [1, 7]);
      for (let run = 0; run < 500; run++) {
        for (const tensor of session.run({ feeds: { x: good }, fetches: ['logits', 'parts:1'] })) {
          tensor.close();
        }
        expect(() => session.run({ feeds: { x: bad }, fetches: ['logits'] })).toThrow(
          TensorflowError,
        );
      }
      good.close();
      bad.close();
    });
    expect(tensorflow.liveHandles()).toEqual(before);
  });

  test('asynchronous runs overlap and leave the event loop free', async () => {
    using graph = tensorflow.graph(graphDef);
    await using session = tensorflow.session(graph);
    await session.runAsync({ targets: [training.init] });
    const inputs = Array.from({ length: 400 }, (_, at) =>
      tensorflow.tensor('float32', [1, 8], new Float32Array(8).fill(at)),
    );
    let loopTurns = 0;
    let done = false;
    const runs = Promise.all(
      inputs.map((x) => session.runAsync({ feeds: { x }, fetches: ['parts:1'] })),
    ).finally(() => {
      done = true;
    });
    for (; !done; loopTurns++) await turn();
    expect(loopTurns).toBeGreaterThan(0);
    for (const [at, [part]] of (await runs).entries()) {
      expect(part?.data()).toEqual(new Float32Array(4).fill(at));
      part?.close();
    }
    for (const input of inputs) input.close();
  });

  test('closing everything during an asynchronous run lets it complete', async () => {
    const before = tensorflow.liveHandles();
    const graph = tensorflow.graph(graphDef);
    const session = tensorflow.session(graph);
    const x = tensorflow.tensor('float32', [1, 8], new Float32Array(8).fill(2));
    const runs = Array.from({ length: 20 }, () =>
      session.runAsync({ feeds: { x }, fetches: ['parts'] }),
    );
    x.close();
    session.close();
    graph.close();
    expect(tensorflow.liveHandles()).not.toEqual(before);
    expect(() => session.run({})).toThrow(ClosedHandleError);
    for (const [part] of await Promise.all(runs)) {
      expect(part?.data()).toEqual(new Float32Array(4).fill(2));
      part?.close();
    }
    await turn();
    expect(tensorflow.liveHandles()).toEqual(before);
  });

  test('an asynchronous run that fails rejects, and others continue', async () => {
    using graph = tensorflow.graph(graphDef);
    using session = tensorflow.session(graph);
    using bad = tensorflow.tensor('float32', [1, 7]);
    using good = tensorflow.tensor('float32', [1, 8]);
    const [failed, worked] = await Promise.allSettled([
      session.runAsync({ feeds: { x: bad }, fetches: ['logits'] }),
      session.runAsync({ feeds: { x: good }, fetches: ['parts'] }),
    ]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { name: 'TensorflowError' } });
    expect(worked.status).toBe('fulfilled');
    if (worked.status === 'fulfilled') for (const tensor of worked.value) tensor.close();
  });

  test('use after close and unknown names throw named errors', () => {
    const graph = tensorflow.graph(graphDef);
    const session = tensorflow.session(graph);
    const closed = tensorflow.tensor('float32', [1, 8]);
    closed.close();
    expect(() => session.run({ feeds: { x: closed } })).toThrow(/Tensor: expected an open Tensor/);
    expect(() => session.run({ fetches: ['nope'] })).toThrow(OperationNotFoundError);
    expect(() => session.makeCallable({ feeds: ['x'] }).run()).toThrow(TensorArgumentError);
    const operation = graph.operation('parts');
    graph.close();
    graph.close();
    expect(() => session.run({ fetches: ['parts'] })).toThrow(/Graph: expected an open Graph/);
    expect(() => graph.operations()).toThrow(ClosedHandleError);
    expect(() => operation.outputs).toThrow(ClosedHandleError);
    session.close();
    session.close();
    expect(() => session.run({})).toThrow(/Session: expected an open Session/);
    expect(() => session.devices()).toThrow(ClosedHandleError);
  });

  test('arguments that are not a graph or a tensor throw named errors', () => {
    const nothing = undefined as unknown;
    expect(() => tensorflow.session(nothing as TfGraph)).toThrow(
      'New session: expected a graph from libtensorflow.graph(), got undefined.',
    );
    expect(() => tensorflow.session(nothing as TfGraph)).toThrow(TensorArgumentError);
    withSession((session) => {
      const feeds = { x: nothing as TfTensor };
      expect(() => session.run({ feeds, fetches: ['parts'] })).toThrow(
        'Session run: expected a tensor for feed 0, got undefined.',
      );
    });
  });

  test('lists devices and operation types', () => {
    expect(tensorflow.devices()).toContainEqual(expect.objectContaining({ type: 'CPU' }));
    const names = tensorflow.operationNames();
    expect(names).toEqual(
      expect.arrayContaining(['MatMul', 'Conv2DBackpropFilter', 'VarHandleOp']),
    );
    expect(tensorflow.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('a SavedModel from Python runs with its variables', () => {
    const directory: string = runPython(
      python ?? '',
      `
import json, tempfile, tensorflow as tf
class Model(tf.Module):
    def __init__(self): self.w = tf.Variable([[2.0], [3.0]])
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def __call__(self, x): return {"y": x @ self.w}
path = tempfile.mkdtemp()
model = Model()
tf.saved_model.save(model, path, signatures=model.__call__)
print(json.dumps(path))
`,
    );
    const { graph, session, metaGraphDef } = tensorflow.loadSavedModel(directory);
    using x = tensorflow.tensor('float32', [1, 2], [10, 1]);
    const [y] = session.run({
      feeds: { serving_default_x: x },
      fetches: ['StatefulPartitionedCall'],
    });
    expect(y?.data()).toEqual(Float32Array.of(23));
    expect(metaGraphDef.length).toBeGreaterThan(0);
    y?.close();
    session.close();
    graph.close();
    expect(() => tensorflow.loadSavedModel(`${directory}-not`)).toThrow(
      expect.objectContaining({ codeName: 'NOT_FOUND' }),
    );
  });

  test('passes a ConfigProto to the session', () => {
    using graph = tensorflow.graph();
    using session = tensorflow.session(graph, { configProto: { deviceCount: { CPU: 3 } } });
    expect(session.devices().filter(({ type }) => type === 'CPU')).toHaveLength(3);
  });
});
