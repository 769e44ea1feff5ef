// Which checkpoint of a directory is the latest, and what of it is enough to start again.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Elistimator } from '../src';
import { lineInputFn, lineOptions } from './shared-line';

const root = mkdtempSync(join(tmpdir(), 'branches-'));
afterAll(() => rmSync(root, { recursive: true }));

let directories = 0;
const newDirectory = () => {
  directories += 1;
  return join(root, `${directories}`);
};

const inputs = { trainInputFn: lineInputFn, validationInputFn: lineInputFn };

/** Collects messages. */
const listening = (modelDir: string) => {
  const messages: string[] = [];
  const progress = {
    begin: () => {},
    advance: () => false,
    show: () => {},
    end: () => {},
    message: (text: string) => void messages.push(text),
  };
  return { messages, options: { ...lineOptions(modelDir), progress } };
};

const original = newDirectory();
/** Checkpoints 10, 20 and 30, each with a validation. */
beforeAll(async () => {
  const estimator = new Elistimator(lineOptions(original));
  await estimator.setup(inputs);
  for (let round = 0; round < 3; round++) {
    await estimator.train().validate();
    await estimator.saveCkpt();
  }
  await estimator.close();
});

const copyOfOriginal = () => {
  const modelDir = newDirectory();
  cpSync(original, modelDir, { recursive: true });
  return modelDir;
};

const stateFile = (modelDir: string) =>
  readFileSync(join(modelDir, 'checkpoints/checkpoint'), 'utf8');

/** Restores checkpoint 10 of 10, 20 and 30, trains, and saves 15. */
const branchedDirectory = async () => {
  const modelDir = copyOfOriginal();
  const estimator = await Elistimator.fromDisk(lineOptions(modelDir));
  await estimator.setup(inputs);
  await estimator.restoreCkpt('model_iter-10');
  await estimator.train({ maxSteps: 5 });
  await estimator.saveCkpt();
  return { modelDir, estimator };
};

const startedAt = async (modelDir: string, fromBest = false) => {
  const estimator = await Elistimator.fromDisk({ ...lineOptions(modelDir), fromBest });
  await estimator.close();
  return estimator.globalStep;
};

describe('the latest checkpoint', () => {
  it('is the one saved last: by restoreLatestCkpt(), fromDisk() and the checkpoint file', async () => {
    const { modelDir, estimator } = await branchedDirectory();
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(15);
    await estimator.close();
    expect(await startedAt(modelDir)).toBe(15);
    expect(stateFile(modelDir)).toMatch(/^model_checkpoint_path: ".*model_iter-15"/);
  });

  it('is the one saved after fromDisk({ fromBest })', async () => {
    const modelDir = copyOfOriginal();
    const meta = join(modelDir, 'checkpoints/elistimator_meta');
    const contents = JSON.parse(readFileSync(meta, 'utf8'));
    contents.checkpoints[1].metrics.loss = 1e-9;
    writeFileSync(meta, JSON.stringify(contents));
    const estimator = await Elistimator.fromDisk({ ...lineOptions(modelDir), fromBest: true });
    expect(estimator.globalStep).toBe(20);
    await estimator.setup(inputs);
    await estimator.train({ maxSteps: 5 });
    await estimator.saveCkpt();
    await estimator.close();
    expect(await startedAt(modelDir)).toBe(25);
    expect(await startedAt(modelDir, true)).toBe(20);
    expect(stateFile(modelDir)).toMatch(/^model_checkpoint_path: ".*model_iter-25"/);
  });

  it('stays the latest when old ones are dropped, of which abandoned ones go first', async () => {
    const { modelDir, estimator } = await branchedDirectory();
    await estimator.setup({ ...inputs, trainSaverArgs: { maxToKeep: 3 } });
    await estimator.train({ maxSteps: 5 });
    await estimator.saveCkpt();
    expect([...estimator.checkpoints.keys()]).toEqual([10, 15, 20]);
    expect(estimator.checkpoints.get(20)?.isAbandoned).toBeUndefined();
    await estimator.close();
    expect(await startedAt(modelDir)).toBe(20);
  });
});

const oracle = await pythonOracle();
describe.skipIf(oracle.python === undefined)(
  `Python TensorFlow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`,
  () => {
    it('has the same latest checkpoint', async () => {
      const { modelDir, estimator } = await branchedDirectory();
      await estimator.close();
      const source = `
import json, sys
import tensorflow as tf
print(json.dumps(tf.train.latest_checkpoint(sys.argv[1])))
`;
      const latest = runPython<string>(oracle.python ?? '', source, [
        join(modelDir, 'checkpoints'),
      ]);
      expect(latest).toBe(join(modelDir, 'checkpoints/model_iter-15'));
    });
  },
);

describe('a directory', () => {
  it.each([
    ['without elistimator_meta', (file: string) => rmSync(file)],
    ['with a garbled elistimator_meta', (file: string) => writeFileSync(file, '{"format": "elist')],
    ['with an empty elistimator_meta', (file: string) => writeFileSync(file, '')],
    [
      'with an elistimator_meta without the state',
      (file: string) => {
        const { state: _, ...contents } = JSON.parse(readFileSync(file, 'utf8'));
        writeFileSync(file, JSON.stringify(contents));
      },
    ],
  ])('%s can be started from as before', async (_, damage) => {
    const whole = await Elistimator.fromDisk(lineOptions(copyOfOriginal()));
    await whole.setup(inputs);
    const next = await whole.train().validate();
    await whole.close();

    const modelDir = copyOfOriginal();
    damage(join(modelDir, 'checkpoints/elistimator_meta'));
    const { messages, options } = listening(modelDir);
    for (const modelFn of [options.modelFn, undefined]) {
      messages.length = 0;
      const estimator = await Elistimator.fromDisk({ ...options, modelFn });
      expect([...estimator.checkpoints.keys()]).toEqual([10, 20, 30]);
      expect(estimator.globalStep).toBe(30);
      expect(messages.filter((text) => text.includes('elistimator_meta'))).not.toHaveLength(0);
      await estimator.setup(inputs);
      expect(await estimator.train().validate()).toEqual(next);
      await estimator.restoreCkpt('model_iter-20');
      expect(estimator.globalStep).toBe(20);
      await estimator.close();
    }
  });

  /** A directory with some files of checkpoint 20. */
  const directoryOf = (...suffixes: readonly string[]) => {
    const modelDir = newDirectory();
    cpSync(join(original, 'checkpoints'), join(modelDir, 'checkpoints'), {
      recursive: true,
      filter: (file) =>
        file.endsWith('checkpoints') ||
        suffixes.some((suffix) => file.includes(`model_iter-20.${suffix}`)),
    });
    return modelDir;
  };

  it('needs no more than one checkpoint and its .meta file', async () => {
    const modelDir = directoryOf('index', 'data', 'meta');
    const estimator = await Elistimator.fromDisk({ ...lineOptions(modelDir), modelFn: undefined });
    expect(estimator.globalStep).toBe(20);
    expect(await estimator.predict({ x: [[0.5]] })).toHaveProperty('line');
    await estimator.close();
  });

  it('with a checkpoint of other software, whose time is unknown, can be trained in', async () => {
    const modelDir = directoryOf('index', 'data');
    await expect(Elistimator.fromDisk(lineOptions(modelDir))).rejects.toThrow(
      /or a \.meta file that it wrote, got nothing/,
    );
    const estimator = new Elistimator(lineOptions(modelDir));
    await estimator.setup(inputs);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(20);
    await estimator.train().saveCkpt();
    expect([...estimator.checkpoints.keys()]).toEqual([20, 30]);
    await estimator.close();
  });
});
