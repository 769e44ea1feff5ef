import { assertArguments, checkMethods, kinds, required } from '@elistimator/internal';
import type { HostTensor } from '../tensor-like';
import type { ScalarPoint, SummarySink } from './summary-sink';

const joinErrors = (errors: readonly unknown[]): unknown =>
  errors.length === 1
    ? errors[0]
    : new AggregateError(errors, `${errors.length} of the sinks of a MultiWriter failed.`);

/** Passes everything to several sinks. If one of them throws, the others are still called. */
export class MultiWriter implements SummarySink {
  readonly #sinks: readonly SummarySink[];

  constructor(sinks: readonly SummarySink[]) {
    assertArguments('new MultiWriter()', arguments, { sinks: required(kinds.array) });
    this.#sinks = [...sinks];
  }

  /** The directory of the first sink; empty if there are no sinks. */
  get logDir(): string {
    return this.#sinks[0]?.logDir ?? '';
  }

  scalar(tag: string, value: number, step: number): void {
    this.scalars([{ tag, value, step }]);
  }

  scalars(points: readonly ScalarPoint[]): void {
    this.#each((sink) => sink.scalars(points));
  }

  histogram(tag: string, values: HostTensor, step: number): void {
    this.#each((sink) => sink.histogram(tag, values, step));
  }

  images(tag: string, images: HostTensor, step: number): void {
    this.#each((sink) => sink.images(tag, images, step));
  }

  text(tag: string, markdown: string, step: number): void {
    this.#each((sink) => sink.text(tag, markdown, step));
  }

  /** Records the graph in the sinks that support one. @param graphDef a serialized GraphDef */
  graph(graphDef: Uint8Array): void {
    this.#each((sink) => sink.graph?.(graphDef));
  }

  /** @throws the error of a sink, or an AggregateError of several */
  flush(): Promise<void> {
    return this.#all((sink) => sink.flush());
  }

  /** @throws the error of a sink, or an AggregateError of several */
  close(): Promise<void> {
    return this.#all((sink) => sink.close());
  }

  /** Closes the sinks at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #each(record: (sink: SummarySink) => void): void {
    const errors: unknown[] = [];
    for (const sink of this.#sinks) {
      try {
        record(sink);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw joinErrors(errors);
  }

  async #all(finish: (sink: SummarySink) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.#sinks.map(finish));
    const errors = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    if (errors.length > 0) throw joinErrors(errors);
  }
}

checkMethods(MultiWriter.prototype, 'MultiWriter.', {
  scalar: { tag: required(), value: required(), step: required() },
  scalars: { points: required(kinds.array) },
  histogram: { tag: required(), values: required(), step: required() },
  images: { tag: required(), images: required(), step: required() },
  text: { tag: required(), markdown: required(), step: required() },
  graph: { graphDef: required() },
  flush: {},
  close: {},
});
