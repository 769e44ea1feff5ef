import { describe, expect, it } from 'vitest';
import { TerminalModel } from '../test/terminal-model';
import {
  MovingAverage,
  ProgressOptionError,
  SilentReporter,
  TqdmReporter,
  type TqdmReporterOptions,
} from './reporters';

/** A stream that is not a terminal. */
const logFile = () => {
  const log = {
    text: '',
    write(text: string) {
      log.text += text;
    },
    get lines() {
      return log.text.split('\n').slice(0, -1);
    },
  };
  return log;
};

const onTerminal = (options: TqdmReporterOptions = {}, columns = 80) => {
  const terminal = new TerminalModel(columns);
  const time = { now: 0 };
  const reporter = new TqdmReporter({ stream: terminal, clock: () => time.now, ...options });
  return { terminal, reporter, time };
};

/** Runs one step as a training loop does. */
const step = (
  { reporter, time }: { reporter: TqdmReporter; time: { now: number } },
  seconds: number,
  postfix: Record<string, string> = {},
) => {
  time.now += seconds;
  const isDue = reporter.advance(1);
  if (isDue) reporter.show(postfix);
  return isDue;
};

describe('TqdmReporter on a terminal', () => {
  it('shows a task on one line from start to end', () => {
    const run = onTerminal();
    run.reporter.begin({ label: 'Training (1)' });
    expect(run.terminal.screen).toEqual(['Training (1): 0it [00:00, ?it/s]']);
    for (let i = 0; i < 1071; i++) step(run, 0.005, { loss: '0.1' });
    run.time.now += 0.005;
    run.reporter.advance(1);
    run.reporter.show({ loss: '0.039297' });
    run.reporter.end();
    expect(run.terminal.screen).toEqual([
      'Training (1): 1072it [00:05, 200.00it/s, loss=0.039297]',
      '',
    ]);
  });

  it('fills 80 columns once the total is known', () => {
    const run = onTerminal();
    run.reporter.begin({ label: 'Training (2)', total: 1072 });
    run.time.now = 4.7315;
    run.reporter.advance(1072);
    run.reporter.show({ loss: '0.040465' });
    run.reporter.end();
    expect(run.terminal.screen).toEqual([
      'Training (2): 100%|█████████| 1072/1072 [00:04<00:00, 226.57it/s, loss=0.040465]',
      '',
    ]);
  });

  it('redraws at most every 0.1 s', () => {
    const run = onTerminal();
    run.reporter.begin({ label: 'Training (1)' });
    const redraws = Array.from({ length: 1000 }, () => step(run, 0.01)).filter(Boolean);
    expect(redraws.length).toBeGreaterThan(85);
    expect(redraws.length).toBeLessThanOrEqual(100);
  });

  it('shows a smoothed rate while active and the overall average at the end', () => {
    const run = onTerminal();
    run.reporter.begin({ label: 'Training (1)' });
    step(run, 1);
    step(run, 1 / 9);
    expect(run.terminal.screen[0]).toContain('2it [00:01,  2.10it/s]');
    run.reporter.end();
    expect(run.terminal.screen[0]).toContain('2it [00:01,  1.80it/s]');
  });

  it('overwrites the rest of a longer text', () => {
    const run = onTerminal();
    run.reporter.begin({ label: '訓練' });
    step(run, 1, { loss: '1234567.890123' });
    step(run, 1, { loss: '1' });
    expect(run.terminal.screen).toEqual(['訓練: 2it [00:02,  1.00it/s, loss=1]']);
  });

  it('prints messages above the meter and redraws it', () => {
    const run = onTerminal();
    run.reporter.message('before any task');
    run.reporter.begin({ label: 'Training (1)' });
    step(run, 1, { loss: '0.5' });
    run.reporter.message('accuracy=0.9682 loss=0.0999');
    expect(run.terminal.screen).toEqual([
      'before any task',
      'accuracy=0.9682 loss=0.0999',
      'Training (1): 1it [00:01,  1.00it/s, loss=0.5]',
    ]);
    step(run, 1, { loss: '0.4' });
    run.reporter.end();
    run.reporter.message('after');
    expect(run.terminal.screen.slice(2)).toEqual([
      'Training (1): 2it [00:02,  1.00it/s, loss=0.4]',
      'after',
      '',
    ]);
  });

  it('writes only messages to a separate message stream', () => {
    const messages = logFile();
    const run = onTerminal({ messageStream: messages });
    run.reporter.begin({ label: 'Training (1)' });
    run.reporter.message('accuracy=0.9682');
    run.reporter.end();
    expect(messages.text).toBe('accuracy=0.9682\n');
    expect(run.terminal.screen).toEqual(['Training (1): 0it [00:00, ?it/s]', '']);
  });

  it('never wraps on a terminal narrower than ncols', () => {
    const run = onTerminal({}, 40);
    run.reporter.begin({ label: 'Training (2)', total: 1072 });
    step(run, 1, { loss: '0.040465', accuracy: '0.97' });
    step(run, 1, { loss: '0.040465' });
    expect(run.terminal.screen).toEqual(['Training (2):   0%| | 2/1072 [00:02<17:5']);
  });

  it('keeps line breaks in labels and postfixes off the screen', () => {
    const run = onTerminal();
    run.reporter.begin({ label: 'a\nb' });
    step(run, 1, { note: 'c\r\nd' });
    expect(run.terminal.screen).toEqual(['a b: 1it [00:01,  1.00it/s, note=c d]']);
  });

  it('ends the active task before it begins the next', () => {
    const run = onTerminal();
    run.reporter.begin({ label: 'Training (1)' });
    run.reporter.begin({ label: 'Validation' });
    expect(run.terminal.screen).toEqual([
      'Training (1): 0it [00:00, ?it/s]',
      'Validation: 0it [00:00, ?it/s]',
    ]);
  });

  it('ignores calls without an active task', () => {
    const run = onTerminal();
    expect(run.reporter.advance(1)).toBe(false);
    run.reporter.show({ loss: '1' });
    run.reporter.end();
    expect(run.terminal.written).toBe('');
  });
});

describe('TqdmReporter on other streams', () => {
  const toLog = () => {
    const log = logFile();
    const time = { now: 0 };
    const reporter = new TqdmReporter({ stream: log, clock: () => time.now });
    return { log, time, reporter };
  };

  it('writes a line every logInterval seconds, and the final line', () => {
    const run = toLog();
    run.reporter.begin({ label: 'Training (2)', total: 100 });
    for (let i = 1; i <= 25; i++) step(run, 1, { loss: `0.${i}` });
    run.reporter.show({ loss: '0.99' });
    run.reporter.end();
    expect(run.log.text).not.toContain('\r');
    expect(run.log.lines).toEqual([
      'Training (2):  10%|█▋               | 10/100 [00:10<01:30,  1.00it/s, loss=0.10]',
      'Training (2):  20%|███▍             | 20/100 [00:20<01:20,  1.00it/s, loss=0.20]',
      'Training (2):  25%|████▎            | 25/100 [00:25<01:15,  1.00it/s, loss=0.99]',
    ]);
  });

  it('writes the final line of a short task', () => {
    const run = toLog();
    run.reporter.begin({ label: 'Validation' });
    for (let i = 0; i < 179; i++) step(run, 0.002);
    run.reporter.end();
    run.reporter.message('accuracy=0.9682');
    expect(run.log.lines).toEqual(['Validation: 179it [00:00, 500.00it/s]', 'accuracy=0.9682']);
  });
});

describe('TqdmReporter options', () => {
  it.each([
    [{ ncols: -1 }, 'ncols'],
    [{ ncols: 80.5 }, 'ncols'],
    [{ minInterval: Number.NaN }, 'minInterval'],
    [{ logInterval: -1 }, 'logInterval'],
    [{ smoothing: 2 }, 'smoothing'],
  ])('rejects %j', (options, name) => {
    expect(() => new TqdmReporter(options)).toThrow(ProgressOptionError);
    expect(() => new TqdmReporter(options)).toThrow(`option "${name}"`);
  });
});

it('a SilentReporter can replace a TqdmReporter and never asks for a redraw', () => {
  const reporters: Pick<TqdmReporter, keyof SilentReporter>[] = [new SilentReporter()];
  for (const reporter of reporters) {
    reporter.begin({ label: 'Training (1)', total: 3 });
    expect(reporter.advance(3)).toBe(false);
    reporter.show({ loss: '0.1' });
    reporter.message('accuracy=1');
    reporter.end();
  }
});

it('a moving average gives newer values more weight and corrects the bias of the start value', () => {
  const average = new MovingAverage(0.3);
  expect(average.value).toBe(0);
  average.add(5);
  expect(average.value).toBeCloseTo(5, 12);
  average.add(10);
  expect(average.value).toBeCloseTo((0.7 * 0.3 * 5 + 0.3 * 10) / (1 - 0.49), 12);
});
