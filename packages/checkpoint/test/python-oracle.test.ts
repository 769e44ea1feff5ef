import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CheckpointManager,
  fileSystemBackend,
  matchVariables,
  openCheckpoint,
  readMatches,
  type WritableTensor,
  writeCheckpoint,
} from '../src/index';
import { checkpointDTypes } from '../src/tensor';
import { tensors } from './arbitrary-tensors';

const oracle = await pythonOracle();
const skipped = oracle.reason === undefined ? '' : ` (skipped: ${oracle.reason})`;

const python = <T>(source: string, ...argv: string[]): T =>
  runPython<T>(oracle.python ?? '', source, argv);

const temporary = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

/** A tensor as both programs print it, with values as hexadecimal bytes. */
interface Printed {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: string | readonly string[];
}

const hex = (data: WritableTensor['data']): string | string[] =>
  'buffer' in data
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
    : data.map((one) => Buffer.from(one).toString('hex'));

const digest = (data: WritableTensor['data']): string =>
  createHash('sha256')
    .update(Buffer.from(String(hex(data)), 'hex'))
    .digest('hex');

const print = ({ name, dtype, shape, data }: WritableTensor): Printed => ({
  name,
  dtype,
  shape,
  bytes: hex(data),
});

const byName = (left: { name: string }, right: { name: string }) =>
  Buffer.compare(Buffer.from(left.name), Buffer.from(right.name));

const PRINT = `
import sys, json, numpy as np, tensorflow as tf
def show(name, value, dtype):
    data = ([b.hex() for b in np.ravel(value).tolist()] if dtype == 'string'
            else np.ascontiguousarray(value).tobytes().hex())
    return {'name': name, 'dtype': dtype, 'shape': list(np.shape(value)), 'bytes': data}
`;

const READ_ALL = `${PRINT}
def tensor(value):
    return value if isinstance(value, np.ndarray) else np.array(value, dtype=object if isinstance(value, bytes) else None)
result = []
for prefix in sys.argv[1:]:
    reader = tf.train.load_checkpoint(prefix)
    types = reader.get_variable_to_dtype_map()
    names = [name for name, _ in tf.train.list_variables(prefix)]
    result.append([show(name, tensor(reader.get_tensor(name)), types[name].name) for name in names])
print(json.dumps(result))
`;

describe.skipIf(oracle.reason !== undefined)(`Python TensorFlow${skipped}`, () => {
  it('lists and reads our checkpoints: random names, dtypes, shapes, data files', async () => {
    const directory = temporary();
    // get_tensor aborts on a NUL in a name; every other name works.
    const samples = fc
      .sample(tensors({ maxLength: 12 }), { numRuns: 60, seed: 4 })
      .map((all) => all.filter(({ name }) => !name.includes('\0')));
    const prefixes: string[] = [];
    for (const [index, all] of samples.entries()) {
      const prefix = join(directory, `model.ckpt-${index}`);
      prefixes.push(await writeCheckpoint(prefix, all, { shards: (index % 3) + 1 }));
    }
    const read = python<Printed[][]>(READ_ALL, ...prefixes);
    expect(read).toEqual(samples.map((all) => all.map(print).sort(byName)));
  });

  it('finds the latest of a managed directory, and TF1 Saver restores it by name', async () => {
    const directory = temporary();
    const manager = new CheckpointManager({ directory, maxToKeep: 2 });
    for (const step of [1, 2, 3]) {
      await manager.save({
        globalStep: step,
        tensors: [
          {
            name: 'dense/kernel',
            dtype: 'float32',
            shape: [2, 2],
            data: Float32Array.of(step, 2, 3, 4),
          },
          {
            name: 'dense/kernel/Adam',
            dtype: 'float32',
            shape: [2, 2],
            data: new Float32Array(4).fill(step),
          },
          { name: 'global_step', dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(step)) },
        ],
      });
    }
    // A checkpoint that replaced another one has two data files.
    await manager.save({
      globalStep: 3,
      tensors: [
        {
          name: 'dense/kernel',
          dtype: 'float32',
          shape: [2, 2],
          data: Float32Array.of(33, 2, 3, 4),
        },
        { name: 'global_step', dtype: 'int64', shape: [], data: BigInt64Array.of(3n) },
      ],
    });
    await manager.close();
    const result = python(
      `
import sys, json, tensorflow as tf
latest = tf.train.latest_checkpoint(sys.argv[1])
state = tf.train.get_checkpoint_state(sys.argv[1])
v1 = tf.compat.v1
v1.disable_eager_execution()
kernel = v1.get_variable('dense/kernel', [2, 2])
step = v1.train.get_or_create_global_step()
with v1.Session() as session:
    v1.train.Saver().restore(session, latest)
    values = session.run([kernel, step])
print(json.dumps({'latest': latest, 'all': list(state.all_model_checkpoint_paths),
  'kernel': values[0].tolist(), 'step': int(values[1])}))
`,
      directory,
    );
    expect(result).toEqual({
      latest: join(directory, 'model_iter-3'),
      all: ['model_iter-2', 'model_iter-3'].map((prefix) => join(directory, prefix)),
      kernel: [
        [33, 2],
        [3, 4],
      ],
      step: 3,
    });
  });

  it('rejects the checkpoints that we report as damaged', async () => {
    const directory = temporary();
    const prefix = join(directory, 'model');
    const data = Float32Array.of(1, 2, 3);
    await writeCheckpoint(prefix, [{ name: 'w', dtype: 'float32', shape: [3], data }]);
    const backend = fileSystemBackend(directory);
    const bytes = await backend.read('model.data-00000-of-00001');
    bytes[5] = 1;
    await backend.write('model.data-00000-of-00001', bytes);
    await expect((await openCheckpoint(prefix)).read('w')).rejects.toThrow('checksum');
    const message = python<string>(
      `
import sys, json, tensorflow as tf
try:
    tf.train.load_checkpoint(sys.argv[1]).get_tensor('w')
except Exception as error:
    print(json.dumps(str(error)))
`,
      prefix,
    );
    expect(message).toContain('Checksum does not match');
  });

  it('writes checkpoints that we read: TF1 Saver, sharded and partitioned, random tensors by SaveV2', async () => {
    const directory = temporary();
    const printed = python<Record<string, Printed[]>>(
      `${PRINT}
import random, os
v1 = tf.compat.v1
v1.disable_eager_execution()
root = sys.argv[1]
out = {}
random.seed(5)
rng = np.random.default_rng(5)
dtypes = sys.argv[2].split(',')
def value(dtype):
    shape = tuple(random.randrange(5) for _ in range(random.randrange(4)))
    count = int(np.prod(shape))
    if dtype == 'string':
        flat = [bytes(rng.integers(0, 256, random.randrange(300), dtype=np.uint8)) for _ in range(count)]
        array = np.empty(count, dtype=object)
        array[:] = flat
        return array.reshape(shape)
    kind = tf.as_dtype(dtype).as_numpy_dtype
    if dtype == 'bool':
        return rng.integers(0, 2, shape).astype(bool)
    raw = rng.integers(0, 256, count * np.dtype(kind).itemsize, dtype=np.uint8).tobytes()
    return np.frombuffer(raw, dtype=kind).reshape(shape)
with v1.Session() as session:
    for index in range(40):
        values = {}
        for number in range(random.randrange(1, 12)):
            dtype = random.choice(dtypes)
            name = random.choice(['a', 'ä', 'layer/b', 'z' * 40, '\\U0001f600', '\\ufffd']) + str(number)
            values[name] = (value(dtype), dtype)
        names = list(values)
        prefix = os.path.join(root, 'random_%d' % index)
        tensors = [tf.constant(values[n][0], dtype=values[n][1]) for n in names]
        session.run(tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names,
          shape_and_slices=[''] * len(names), tensors=tensors))
        out['random_%d' % index] = [show(n, *values[n]) for n in sorted(names, key=lambda n: n.encode())]
v1.reset_default_graph()
with v1.Session() as session:
    part = v1.get_variable('part/w', [7, 3], partitioner=v1.fixed_size_partitioner(3),
      initializer=v1.random_normal_initializer(seed=1))
    columns = v1.get_variable('columns', [4, 10], partitioner=v1.fixed_size_partitioner(2, axis=1),
      initializer=v1.random_normal_initializer(seed=2))
    whole = v1.get_variable('whole', [2], initializer=v1.ones_initializer())
    step = v1.train.get_or_create_global_step()
    session.run(v1.global_variables_initializer())
    v1.train.Saver(sharded=True).save(session, os.path.join(root, 'saver'), global_step=7)
    values = session.run({'part/w': part.as_tensor(), 'columns': columns.as_tensor(), 'whole': whole})
    values['global_step'] = np.array(0, dtype=np.int64)
    out['saver-7'] = [show(n, values[n], 'int64' if n == 'global_step' else 'float32') for n in sorted(values)]
print(json.dumps(out))
`,
      directory,
      checkpointDTypes.join(','),
    );
    for (const [prefix, expected] of Object.entries(printed)) {
      const reader = await openCheckpoint(join(directory, prefix));
      expect((await reader.readAll()).map(print), prefix).toEqual(expected);
      const listed = expected.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
      expect(reader.variables(), prefix).toEqual(listed);
    }
    const manager = new CheckpointManager({ directory });
    await manager.open();
    expect(manager.checkpoints.get(7)?.file).toBe(join(directory, 'saver-7'));
  });

  it('writes object-based checkpoints, which we list and read; and their manager’s directory', async () => {
    const directory = temporary();
    python(
      `
import sys, json, tensorflow as tf
kernel = tf.Variable([[1., 2.], [3., 4.]])
checkpoint = tf.train.Checkpoint(net={'kernel': kernel}, count=tf.Variable(5, dtype=tf.int64))
manager = tf.train.CheckpointManager(checkpoint, sys.argv[1], max_to_keep=2)
for number in range(3):
    kernel.assign_add([[1., 1.], [1., 1.]])
    manager.save()
print('null')
`,
      directory,
    );
    const manager = new CheckpointManager({ directory });
    await manager.open();
    expect([...manager.checkpoints.keys()]).toEqual([2, 3]);
    const reader = await manager.reader(manager.latest()?.file ?? '');
    expect(reader.variables().map(({ name, dtype }) => [name, dtype])).toEqual([
      ['_CHECKPOINTABLE_OBJECT_GRAPH', 'string'],
      ['count/.ATTRIBUTES/VARIABLE_VALUE', 'int64'],
      ['net/kernel/.ATTRIBUTES/VARIABLE_VALUE', 'float32'],
      ['save_counter/.ATTRIBUTES/VARIABLE_VALUE', 'int64'],
    ]);
    const kernel = await reader.read('net/kernel/.ATTRIBUTES/VARIABLE_VALUE');
    expect(kernel.data).toEqual(Float32Array.of(4, 5, 6, 7));
    await reader.verify();
    // The directory can be read without its "checkpoint" file too.
    writeFileSync(join(directory, 'checkpoint'), 'garbage');
    await manager.open();
    expect([...manager.checkpoints.keys()]).toEqual([2, 3]);
  });

  it('finds the same latest checkpoint after training continued from an older one', async () => {
    const directory = temporary();
    const latestInPython = () =>
      python<string | null>(
        'import sys, json, tensorflow as tf; print(json.dumps(tf.train.latest_checkpoint(sys.argv[1])))',
        directory,
      );
    const save = (manager: CheckpointManager, globalStep: number, parent?: number, value = 1) =>
      manager.save({
        globalStep,
        parent,
        tensors: [{ name: 'w', dtype: 'float32', shape: [], data: Float32Array.of(value) }],
      });
    const manager = new CheckpointManager({ directory });
    await save(manager, 5, undefined, Number.NaN);
    expect([manager.latest()?.file ?? null, latestInPython()]).toEqual([null, null]);
    for (const step of [10, 20, 30]) await save(manager, step);
    await save(manager, 15, 10);
    expect(manager.latest()?.file).toBe(join(directory, 'model_iter-15'));
    expect(latestInPython()).toBe(manager.latest()?.file);
    await save(manager, 16, 15, Number.POSITIVE_INFINITY);
    await manager.close();
    const again = new CheckpointManager({ directory });
    await again.open();
    expect(again.latest()?.file).toBe(join(directory, 'model_iter-15'));
    expect(latestInPython()).toBe(again.latest()?.file);
  });

  it('continues from an older checkpoint with its Saver: we find the same latest', async () => {
    const directory = temporary();
    const latest = python<string>(
      `
import sys, json, os, tensorflow as tf
v1 = tf.compat.v1
v1.disable_eager_execution()
w = v1.get_variable('w', [2])
prefix = os.path.join(sys.argv[1], 'model.ckpt')
saver = v1.train.Saver()
with v1.Session() as session:
    session.run(v1.global_variables_initializer())
    for step in [10, 20, 30]: saver.save(session, prefix, global_step=step)
    saver.restore(session, prefix + '-10')
    saver.save(session, prefix, global_step=15)
print(json.dumps(tf.train.latest_checkpoint(sys.argv[1])))
`,
      directory,
    );
    const manager = new CheckpointManager({ directory });
    await manager.open();
    expect(latest).toBe(join(directory, 'model.ckpt-15'));
    expect(manager.latest()?.file).toBe(latest);
    const abandoned = manager.saved.filter(({ isAbandoned }) => isAbandoned);
    expect(abandoned.map(({ globalStep }) => globalStep)).toEqual([20, 30]);
    expect(manager.problems).toEqual([]);
  });

  it('casts floating point and integers to the same bits as read({ as }) and a warm start', async () => {
    const directory = temporary();
    const casts = {
      float16: ['float32', 'float64'],
      bfloat16: ['float32', 'float64'],
      float32: ['float64'],
      float64: ['float32'],
      complex128: ['complex64'],
      int8: ['int32'],
      int16: ['int32'],
      int64: ['int32'],
      uint8: ['int32'],
      uint16: ['int32'],
      uint32: ['int32'],
      uint64: ['int32'],
    } as const;
    const printed = python<Record<string, string>>(
      `
import sys, json, os, hashlib, numpy as np, tensorflow as tf
casts = json.loads(sys.argv[2])
rng = np.random.default_rng(11)
def values(dtype):
    kind = tf.as_dtype(dtype).as_numpy_dtype
    if dtype in ('float16', 'bfloat16'):
        # Every bit pattern that is not NaN, whose payload is not specified.
        all = np.arange(65536, dtype=np.uint16).view(kind)
        return all[~np.isnan(all.astype(np.float32))]
    if dtype in ('float32', 'float64'):
        exponents = rng.integers(-45, 38, 500)
        edge = [0.0, -0.0, np.inf, -np.inf, 1e-46, 3.4028235e38, 1 + 2**-24, 1 + 3 * 2**-24]
        return np.concatenate([edge, rng.standard_normal(500) * 10.0 ** exponents]).astype(kind)
    if dtype == 'complex128':
        return (rng.standard_normal(50) + 1j * rng.standard_normal(50)).astype(kind)
    info = np.iinfo(kind)
    low, high = max(info.min, -2**31), min(info.max, 2**31 - 1)
    return np.concatenate([[low, high], rng.integers(low, high, 50)]).astype(kind)
variables, out = {}, {}
for dtype, targets in casts.items():
    value = tf.constant(values(dtype))
    variables[dtype] = value
    for target in targets:
        # Not tf.cast, which flushes subnormal results to zero.
        cast = value.numpy().astype(tf.as_dtype(target).as_numpy_dtype)
        out[dtype + ' ' + target] = hashlib.sha256(np.ascontiguousarray(cast).tobytes()).hexdigest()
tf.raw_ops.SaveV2(prefix=os.path.join(sys.argv[1], 'half'), tensor_names=list(variables),
  shape_and_slices=[''] * len(variables), tensors=list(variables.values()))
print(json.dumps(out))
`,
      directory,
      JSON.stringify(casts),
    );
    const reader = await openCheckpoint(join(directory, 'half'));
    const stored = reader.variables();
    const bits: Record<string, unknown> = {};
    const warm: Record<string, unknown> = {};
    for (const [from, targets] of Object.entries(casts)) {
      for (const to of targets) {
        bits[`${from} ${to}`] = digest((await reader.read(from, { as: to })).data);
        const shape = stored.find(({ name }) => name === from)?.shape ?? [];
        const model = [{ name: 'v', dtype: to, shape }];
        const plain = matchVariables(stored, model, { [from]: 'v' });
        expect([plain.matched.length, plain.mismatched.length]).toEqual([0, 1]);
        const { matched, mismatched } = matchVariables(
          stored,
          model,
          { [from]: 'v' },
          { cast: true },
        );
        expect(mismatched).toEqual([]);
        expect(matched).toEqual([{ key: from, variable: 'v', cast: { from, to } }]);
        const [tensor] = await readMatches(reader, matched);
        expect(tensor).toMatchObject({ name: 'v', dtype: to });
        warm[`${from} ${to}`] = tensor && digest(tensor.data);
      }
    }
    expect(bits).toEqual(printed);
    expect(warm).toEqual(printed);
  });
});
