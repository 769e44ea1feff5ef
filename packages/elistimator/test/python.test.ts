// TensorFlow and TensorBoard read the files of a run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import { afterAll, describe, expect, it } from 'vitest';
import { Elistimator } from '../src';
import { stripesModelFn, trainInputFn, validationInputFn } from './digits';

const oracle = await pythonOracle();
const title = `Python TensorFlow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;

const source = `
import glob, json, sys
import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

model_dir = sys.argv[1]
prefix = tf.train.latest_checkpoint(model_dir + '/checkpoints')
reader = tf.train.load_checkpoint(prefix)
variables = {name: list(shape) for name, shape in tf.train.list_variables(prefix)}
kernel = reader.get_tensor('dense/kernel').ravel().tolist()
step = int(reader.get_tensor('global_step'))

def scalars(run):
    accumulator = EventAccumulator(model_dir + '/' + run, size_guidance={'scalars': 0})
    accumulator.Reload()
    tags = accumulator.Tags()['scalars']
    return {tag: [[e.step, e.value] for e in accumulator.Scalars(tag)] for tag in tags}

hparams = []
for event in tf.compat.v1.train.summary_iterator(glob.glob(model_dir + '/train/events*')[0]):
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == 'hparams':
            data = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
            hparams.append({k: v.number_value for k, v in data.session_start_info.hparams.items()})

def operations(graph):
    names = {node.name for node in graph.node}
    dangling = [i for node in graph.node for i in node.input if i.lstrip('^').split(':')[0] not in names]
    assert dangling == [], dangling
    return {node.name: node.op for node in graph.node}

accumulator = EventAccumulator(model_dir + '/train')
accumulator.Reload()
board = operations(accumulator.Graph())
meta = tf.compat.v1.MetaGraphDef.FromString(open(prefix + '.meta', 'rb').read())
stored = operations(meta.graph_def)
signatures = {name: sorted(signature.outputs) for name, signature in meta.signature_def.items()}

print(json.dumps(dict(board=board, stored=stored, signatures=signatures, hparams=hparams, prefix=prefix, variables=variables, kernel=kernel, step=step,
                      train=scalars('train'), validation=scalars('validation'))))
`;

interface Answer {
  board: Record<string, string>;
  stored: Record<string, string>;
  signatures: Record<string, string[]>;
  hparams: Record<string, number>[];
  prefix: string;
  variables: Record<string, number[]>;
  kernel: number[];
  step: number;
  train: Record<string, [number, number][]>;
  validation: Record<string, [number, number][]>;
}

describe.skipIf(oracle.python === undefined)(title, () => {
  const modelDir = mkdtempSync(join(tmpdir(), 'python-'));
  afterAll(() => rmSync(modelDir, { recursive: true }));

  it('reads the variables of a checkpoint; TensorBoard reads both runs', async () => {
    const estimator = new Elistimator({
      modelFn: stripesModelFn,
      modelDir,
      params: { units: 16 },
      sessionArgs: { backend: 'wasm', seed: 3 },
      progress: false,
    });
    await estimator.setup({ trainInputFn, validationInputFn });
    const result = await estimator.train().validate();
    const prefix = await estimator.saveCkpt();
    const kernel = await estimator.session.variables.get('dense/kernel')?.data();
    await estimator.close();

    const answer = runPython<Answer>(oracle.python ?? '', source, [modelDir]);
    expect(answer.prefix).toBe(prefix);
    expect(answer.step).toBe(10);
    // TensorBoard's graph tab shows names with a slash as nested boxes.
    const operations = { 'dense/kernel': 'VariableV2', softmax: 'Softmax', images: 'Placeholder' };
    expect(answer.board).toMatchObject(operations);
    expect(answer.stored).toMatchObject(operations);
    expect(Object.keys(answer.board).some((name) => name.startsWith('gradients/'))).toBe(true);
    expect(answer.signatures).toMatchObject({
      train: ['loss'],
      evaluate: ['loss', 'metrics/accuracy/count', 'metrics/accuracy/total'],
      predict: ['classes', 'probabilities'],
    });
    expect(answer.hparams).toEqual([{ units: 16 }]);
    expect(answer.variables).toMatchObject({
      beta1_power: [],
      beta2_power: [],
      'dense/bias': [16],
      'dense/bias/Adam': [16],
      'dense/bias/Adam_1': [16],
      'dense/kernel': [16, 16],
      'dense/kernel/Adam': [16, 16],
      'dense/kernel/Adam_1': [16, 16],
      'dense_1/bias': [4],
      'dense_1/kernel': [16, 4],
      global_step: [],
    });
    expect(answer.kernel).toEqual([...(kernel ?? [])]);
    expect(answer.train.loss?.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(answer.validation).toEqual({
      accuracy: [[10, Math.fround(result.accuracy)]],
      loss: [[10, Math.fround(result.loss)]],
    });
  });
});
