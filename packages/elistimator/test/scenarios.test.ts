// The scenarios of the Python original's tests, on disk and with the default ports.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CorruptCheckpointError,
  Dataset,
  Elistimator,
  ModelDirError,
  readScalars,
  saveEveryNSteps,
  saveOnAnyOf,
  saveOnImprovement,
} from '../src';
import {
  stripesModelFn,
  testStripes,
  trainInputFn,
  trainStripes,
  validationInputFn,
} from './digits';

const root = mkdtempSync(join(tmpdir(), 'scenarios-'));
afterAll(() => rmSync(root, { recursive: true }));

const sessionArgs = { backend: 'wasm', seed: 3 } as const;
const params = { units: 16 };
const options = (name: string) => ({
  modelFn: stripesModelFn,
  modelDir: join(root, name),
  params,
  sessionArgs,
  progress: false,
});

describe('training only', () => {
  it('saves a checkpoint in each of five rounds, rejects validate(), restores the best and the latest', async () => {
    const estimator = new Elistimator(options('train-only'));
    expect(await estimator.setup({ trainInputFn })).toBe(estimator);
    for (let round = 1; round <= 5; round++) {
      expect(await estimator.train()).toBe(estimator);
      const prefix = join(root, 'train-only', 'checkpoints', `model_iter-${10 * round}`);
      expect(await estimator.saveCkpt()).toBe(prefix);
    }
    await expect(estimator.validate()).rejects.toThrow('validate method');
    expect([...estimator.checkpoints.keys()]).toEqual([10, 20, 30, 40, 50]);
    await estimator.restoreBestCkpt();
    expect(estimator.globalStep).toBe(50);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(50);
    expect(readdirSync(estimator.modelDir).sort()).toEqual(['checkpoints', 'train']);
    await estimator.close();
  });
});

describe('training and validation', () => {
  const modelDir = join(root, 'full');
  const recorded = new Map<string, Record<string, number>>();
  let image: { data: Float32Array; shape: number[] };
  let prediction: unknown;

  beforeAll(async () => {
    const estimator = new Elistimator(options('full'));
    await estimator.setup({ trainInputFn, validationInputFn, trainSaverArgs: { maxToKeep: 5 } });
    for (let round = 0; round < 5; round++) {
      const result = await estimator.train().validate();
      recorded.set(await estimator.saveCkpt(), result);
    }
    image = { data: testStripes.images.data.subarray(0, 16), shape: [1, 16] };
    prediction = await estimator.predict({ images: image });
    await estimator.close();
  });

  const reopen = (more = {}) => Elistimator.fromDisk({ ...options('full'), modelDir, ...more });

  it('reaches an accuracy above 0.9', () => {
    const accuracies = [...recorded.values()].map(({ accuracy }) => accuracy ?? 0);
    expect(accuracies.at(-1)).toBeGreaterThan(0.9);
  });

  it('writes the files of the Python original', () => {
    const checkpoints = readdirSync(join(modelDir, 'checkpoints'));
    for (const step of [10, 20, 30, 40, 50]) {
      expect(checkpoints).toContain(`model_iter-${step}.index`);
      expect(checkpoints).toContain(`model_iter-${step}.data-00000-of-00001`);
    }
    expect(checkpoints).toContain('checkpoint');
    expect(checkpoints).toContain('elistimator_meta');
    for (const run of ['train', 'validation']) {
      expect(readdirSync(join(modelDir, run))[0]).toMatch(/^events\.out\.tfevents\.\d{10}\./);
    }
  });

  it('logs the loss of each training step, and each validation metric', async () => {
    const train = await readScalars(join(modelDir, 'train'));
    expect(train.get('loss')?.map(({ step }) => step)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    const validation = await readScalars(join(modelDir, 'validation'));
    const accuracies = [...recorded.values()].map(({ accuracy }) => Math.fround(accuracy ?? 0));
    expect(validation.get('accuracy')?.map(({ value }) => value)).toEqual(accuracies);
    expect(validation.get('loss')?.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50]);
  });

  it('restores by prefix, the best and the latest, with exactly the recorded metrics', async () => {
    const estimator = await reopen();
    const evaluate = () => estimator.evaluate({ inputFn: validationInputFn });
    for (const [file, metrics] of recorded) {
      await estimator.restoreCkpt(file);
      expect(await evaluate()).toEqual(metrics);
    }
    const all = [...recorded.values()];
    await estimator.restoreBestCkpt();
    expect((await evaluate()).loss).toBe(Math.min(...all.map(({ loss }) => loss ?? 0)));
    await estimator.restoreLatestCkpt();
    expect(await evaluate()).toEqual(all.at(-1));
    await estimator.close();
  });

  it('starts again from the directory: predicts and evaluates, and trains after setup()', async () => {
    const estimator = await reopen({ params: undefined });
    expect(estimator.globalStep).toBe(50);
    expect(estimator.params).toEqual(params);
    expect(await estimator.predict({ images: image })).toEqual(prediction);
    const counts: number[] = [];
    for await (const { classes } of estimator.predict({ inputFn: validationInputFn })) {
      counts.push(classes.length);
    }
    expect(counts).toEqual([32, 32, 32, 4]);
    await expect(estimator.train()).rejects.toThrow('train method');
    await expect(estimator.validate()).rejects.toThrow('validate method');
    await estimator.setup({ trainInputFn, validationInputFn });
    await estimator.train().validate();
    expect(estimator.globalStep).toBe(60);
    await estimator.saveCkpt();
    expect([...estimator.checkpoints.keys()].at(-1)).toBe(60);
    await estimator.close();
  });

  it('can start again from the best checkpoint', async () => {
    const estimator = await reopen({ fromBest: true });
    const all = [...estimator.checkpoints.values()].map(({ metrics }) => metrics?.loss ?? 0);
    const { loss } = await estimator.evaluate({ inputFn: validationInputFn });
    expect(loss).toBe(Math.min(...all));
    await estimator.close();
  });
});

describe('datasets of tuples', () => {
  it('train, validate, predict and start again, with tuples from a generator', async () => {
    const rows = (data: typeof trainStripes) =>
      function* () {
        for (let row = 0; row < data.labels.length; row++) {
          yield [
            data.images.data.subarray(16 * row, 16 * (row + 1)),
            data.labels[row] ?? 0,
          ] as const;
        }
      };
    const batches = (data: typeof trainStripes) => () =>
      Dataset.fromGenerator(rows(data), { dtypes: ['float32', 'int32'] }).batch(32);
    const inputs = {
      trainInputFn: batches(trainStripes),
      validationInputFn: batches(testStripes),
      dataKeys: ['images', 'labels'],
    };
    const estimator = new Elistimator(options('positional'));
    await estimator.setup(inputs);
    const result = await estimator.train().validate();
    await estimator.saveCkpt();
    const image = { data: testStripes.images.data.subarray(0, 16), shape: [1, 16] };
    const named = await estimator.predict({ images: image });
    expect(await estimator.predict(image)).toEqual(named);
    await estimator.close();

    const again = await Elistimator.fromDisk(options('positional'));
    expect(await again.predict(image)).toEqual(named);
    expect(await again.evaluate({ inputFn: inputs.validationInputFn })).toEqual(result);
    await again.setup(inputs);
    await again.train();
    expect(again.globalStep).toBe(20);
    await again.close();
  });
});

describe('the model directory', () => {
  it('is created if its parent exists, and is temporary by default', () => {
    expect(() => new Elistimator(options('no/such/parent'))).toThrow(ModelDirError);
    expect(() => new Elistimator(options('no/such/parent'))).toThrow(/parent.*no such directory/);
    new Elistimator(options('fresh'));
    expect(existsSync(join(root, 'fresh'))).toBe(true);
    const { modelDir } = new Elistimator({ ...options(''), modelDir: undefined });
    expect(existsSync(modelDir)).toBe(true);
    rmSync(modelDir, { recursive: true });
  });

  it('must contain checkpoints to start again', async () => {
    const from = (modelDir: string) => Elistimator.fromDisk({ ...options(''), modelDir });
    await expect(from(join(root, 'nowhere'))).rejects.toThrow(ModelDirError);
    new Elistimator(options('empty'));
    await expect(from(join(root, 'empty'))).rejects.toThrow('No checkpoints to restore from');
    expect(readdirSync(join(root, 'empty'))).toEqual([]);
    const withoutCode = Elistimator.fromDisk({ modelDir: join(root, 'empty') });
    await expect(withoutCode).rejects.toThrow('No checkpoints to restore from');
  });
});

describe('automatic saves', () => {
  it('write checkpoints on improvement, in the background; damaged ones are skipped', async () => {
    const messages: string[] = [];
    const progress = {
      begin: () => {},
      advance: () => false,
      show: () => {},
      end: () => {},
      message: (text: string) => void messages.push(text),
    };
    const estimator = new Elistimator(options('triggers'));
    await estimator.setup({
      trainInputFn,
      validationInputFn,
      saveWhen: saveOnAnyOf(saveEveryNSteps(4), saveOnImprovement({ metric: 'loss', mode: 'min' })),
      saveInBackground: true,
      trainSaverArgs: { maxToKeep: null, best: { metric: 'accuracy', mode: 'max' } },
    });
    for (let round = 0; round < 3; round++) await estimator.train().validate();
    await estimator.close();
    const checkpoints = readdirSync(join(root, 'triggers', 'checkpoints'));
    const steps = checkpoints.flatMap((name) => /-(\d+)\.index$/.exec(name)?.[1] ?? []).map(Number);
    expect(steps.sort((a, b) => a - b)).toEqual([4, 8, 10, 14, 18, 20, 24, 28, 30]);

    const newest = join(root, 'triggers', 'checkpoints', 'model_iter-30.data-00000-of-00001');
    const bytes = readFileSync(newest);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    writeFileSync(newest, bytes);
    const again = await Elistimator.fromDisk({ ...options('triggers'), progress });
    expect(again.globalStep).toBe(28);
    const validated = [...again.checkpoints].filter(([, { metrics }]) => metrics !== undefined);
    const best = Math.max(...validated.map(([, { metrics }]) => metrics?.accuracy ?? 0));
    await again.restoreBestCkpt({ fallback: true });
    const { accuracy } = again.checkpoints.get(again.globalStep)?.metrics ?? {};
    expect([best, undefined]).toContain(accuracy);
    await again.restoreLatestCkpt({ fallback: true });
    expect(messages.at(-1)).toMatch(/Skipped the damaged checkpoint .*model_iter-30.*tensor/s);
    await expect(again.restoreLatestCkpt()).rejects.toThrow(CorruptCheckpointError);
    expect(again.globalStep).toBe(28);
    await again.close();
  });
});
