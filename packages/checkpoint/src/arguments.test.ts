import { describe, expect, it } from 'vitest';
import { checkpointBackendConformance } from './conformance';
import * as api from './index';
import { s3Backend } from './s3/s3-backend';

/** Calls a function or method without regard to its types. */
const call = async (fn: unknown, args: readonly unknown[], self?: unknown): Promise<unknown> => {
  if (typeof fn !== 'function') throw new Error('not a function');
  return Reflect.apply(fn, self, args);
};

const manager = new api.CheckpointManager({ backend: api.memoryBackend() });

describe('superfluous, missing and unknown arguments', () => {
  it.each<readonly [fn: unknown, args: readonly unknown[], message: string]>([
    [api.fileSystemBackend, ['a', 'fs'], 'fileSystemBackend()'],
    [api.fileSystemBackend, ['a', {}, 1], 'at most 2 arguments'],
    [api.memoryBackend, ['label'], '{ label: "label" }'],
    [api.memoryBackend, [{ name: 'x' }], 'got "name"'],
    [api.openCheckpoint, ['a', api.memoryBackend()], '"options" of openCheckpoint()'],
    [api.openCheckpoint, ['a', { backend: {} }], 'one without resolve()'],
    [api.writeCheckpoint, ['a', {}], 'expected an array, got an object'],
    [api.writeCheckpoint, ['a', [], 2], '{ backend: 2 }'],
    [api.writeCheckpoint, ['a', [], { shard: 2 }], 'Did you mean "shards"'],
    [api.keepLatest, [3, 4], 'keepLatest(): expected at most 1 argument'],
    [api.keepLatest, [], '"n" of keepLatest()'],
    [api.keepAll, [3], 'keepAll(): expected no arguments'],
    [api.keepBest, ['accuracy'], 'expected an object, got "accuracy"'],
    [api.keepBest, [{ metric: 'loss', mode: 'min', N: 2 }], 'got "N"'],
    [api.keepLatestAndBest, [2, 'loss'], 'keepLatestAndBest()'],
    [api.keepEveryNHours, [1, 2], 'keepEveryNHours()'],
    [api.keepEveryNSteps, ['100'], 'option "n"'],
    [api.keepAnyOf, [[api.keepAll()]], 'expected a policy, such as keepLatest(3), got an array'],
    [api.keepAnyOf, [api.keepLatest], 'got the function'],
    [api.fromTrainSaverArgs, [{}, 1], 'fromTrainSaverArgs()'],
    [api.fromTrainSaverArgs, [], 'fromTrainSaverArgs()'],
    [api.matchVariables, [{}, []], 'expected an array'],
    [api.matchVariables, [[], [], {}, true], '{ cast: true }'],
    [
      api.matchVariables,
      [[], [], { cast: true }],
      'assignmentMap": expected names or scopes, got true for "cast"',
    ],
    [api.readMatches, [undefined, []], '"reader" of readMatches()'],
    [api.assertBlobName, [5], 'blob name 5'],
    [s3Backend, ['bucket'], '{ bucket: "bucket" }'],
    [s3Backend, [{ Bucket: 'b' }], 'Did you mean "bucket"'],
    [s3Backend, [{}], 'option "bucket" of s3Backend()'],
    [s3Backend, [{ bucket: 5 }], 'expected a string, got 5'],
    [s3Backend, [{ bucket: 'b', client: {} }], 'expected an S3Client'],
    [checkpointBackendConformance, ['x', { it, describe }], 'option "create"'],
  ])('%o %j', async (fn, args, message) => {
    await expect(call(fn, args)).rejects.toThrow(message);
  });

  it.each<
    readonly [method: keyof api.CheckpointManager, args: readonly unknown[], message: string]
  >([
    ['open', [true], 'manager.open(): expected no arguments'],
    ['acquire', [1], 'manager.acquire()'],
    ['close', [1], 'manager.close()'],
    ['latest', [1], 'manager.latest()'],
    ['best', [{ metric: 'loss' }], 'manager.best()'],
    ['save', [1, []], 'at most 1 argument'],
    ['save', [{ globalStep: 1 }], 'option "tensors" of manager.save()'],
    ['save', [{ globalStep: 1, tensors: [], metric: {} }], 'Did you mean "metrics"'],
    ['save', [{ globalStep: 1, tensors: [], metrics: null }], 'option "metrics"'],
    ['recordMetrics', [{ loss: 1 }], '"globalStep" of manager.recordMetrics()'],
    ['recordMetrics', [1], '"metrics" of manager.recordMetrics()'],
    ['read', [], '"file" of manager.read()'],
    ['reader', [5], 'expected a path or a "file:" URL, got 5'],
    ['readAttachment', [1], '"suffix" of manager.readAttachment()'],
    ['fileOf', ['1'], 'manager.fileOf()'],
    ['configure', [{ keep: 3 }], 'option "keep"'],
    ['configure', [{ keep: api.keepLatest }], 'an object with the method keep()'],
    ['configure', [{ best: 'accuracy' }], 'got accuracy'],
    ['configure', [{ best: { metric: 'loss', mode: 'min', n: 1 } }], 'got "n"'],
    ['configure', [{ padStepNumber: 'yes' }], 'option "padStepNumber"'],
    ['configure', [{ filename: 5 }], 'option "filename"'],
    ['configure', [{ varList: 'w' }], 'option "varList"'],
    ['configure', [{ varList: [1] }], 'option "varList"'],
    ['configure', [{ shards: 0 }], 'option "shards"'],
  ])('manager.%s %j', async (method, args, message) => {
    await expect(call(manager[method], args, manager)).rejects.toThrow(message);
  });

  it.each([
    [[], 'new CheckpointManager()'],
    [['checkpoints'], 'new CheckpointManager()'],
    [[{ backend: {} }], 'one without resolve()'],
    [[{ backend: 'checkpoints' }], 'got "checkpoints"'],
    [[{ backend: api.memoryBackend(), clock: 5 }], 'option "clock"'],
    [[{ backend: api.memoryBackend(), maxtokeep: 3 }], 'Did you mean "maxToKeep"'],
    [[{ backend: api.memoryBackend() }, 3], 'at most 1 argument'],
  ])('new CheckpointManager(%j)', (args, message) => {
    expect(() => Reflect.construct(api.CheckpointManager, args)).toThrow(message);
  });

  it('of backends', async () => {
    const backend = api.memoryBackend();
    await expect(call(backend.list, [{ prefix: 'a' }])).rejects.toThrow('memoryBackend.list()');
    await expect(call(backend.read, ['a', 3])).rejects.toThrow('{ offset: 3 }');
    await expect(call(backend.write, ['a'])).rejects.toThrow('"data" of memoryBackend.write()');
    await expect(call(backend.clean, [])).rejects.toThrow();
  });
});
