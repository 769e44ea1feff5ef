import { describe, expect, it } from 'vitest';
import { nullSummaryWriter } from '../writer/null-summary-writer';
import { MultiWriter } from './multi-writer';
import type { SummarySink } from './summary-sink';

const spy = (calls: string[], error?: Error): SummarySink => {
  const call = (name: string) => (): void => {
    calls.push(name);
    if (error) throw error;
  };
  const finish = (name: string) => async () => call(name)();
  return {
    logDir: 'logs',
    scalars: call('scalars'),
    histogram: call('histogram'),
    images: call('images'),
    text: call('text'),
    flush: finish('flush'),
    close: finish('close'),
  };
};

const useAll = async (writer: MultiWriter) => {
  const tensor = { shape: [0], data: [] };
  writer.scalar('loss', 1, 1);
  writer.histogram('kernel', tensor, 1);
  writer.images('input', tensor, 1);
  writer.text('note', '', 1);
  writer.graph(new Uint8Array());
  await writer.flush();
  await writer.close();
};

describe('MultiWriter', () => {
  it('passes everything to every sink', async () => {
    const [first, second]: string[][] = [[], []];
    const writer = new MultiWriter([spy(first ?? []), spy(second ?? []), nullSummaryWriter]);
    await useAll(writer);
    expect(first).toEqual(['scalars', 'histogram', 'images', 'text', 'flush', 'close']);
    expect(second).toEqual(first);
    expect(writer.logDir).toBe('logs');
    await useAll(new MultiWriter([]));
  });

  it('passes a graph to the sinks that support one', () => {
    const graphs: Uint8Array[] = [];
    const graphSink = { ...spy([]), graph: (graphDef: Uint8Array) => void graphs.push(graphDef) };
    new MultiWriter([spy([]), graphSink]).graph(Uint8Array.of(10, 0));
    expect(graphs).toEqual([Uint8Array.of(10, 0)]);
  });

  it('throws the error of a sink after calling the others', async () => {
    const calls: string[] = [];
    const [one, other] = [new Error('one'), new Error('other')];
    const single = new MultiWriter([spy([], one), spy(calls)]);
    expect(() => single.scalar('loss', 1, 1)).toThrow(one);
    await expect(single.close()).rejects.toBe(one);
    expect(calls).toEqual(['scalars', 'close']);
    const both = new MultiWriter([spy([], one), spy([], other)]);
    expect(() => both.scalars([])).toThrow(expect.objectContaining({ errors: [one, other] }));
    await expect(both.flush()).rejects.toMatchObject({ name: 'AggregateError' });
  });
});
