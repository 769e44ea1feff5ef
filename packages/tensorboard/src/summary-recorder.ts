import type { Summary_Value } from '@elistimator/protos';
import { appendEvent } from './append-event';
import { SummaryValueError } from './errors';
import type { Run } from './run';
import { ScalarEncoder } from './scalar-encoder';
import { type HistogramOptions, histogramSummary } from './summaries/histogram';
import { type ImageOptions, imageSummary, imagesSummary } from './summaries/image';
import type { SummaryOptions } from './summaries/metadata';
import { scalarSummary } from './summaries/scalar';
import { textSummary } from './summaries/text';
import { readScalar, type TensorLike } from './tensor-like';

/** A scalar at a step. */
export interface ScalarPoint {
  readonly tag: string;
  readonly value: number;
  readonly step: number;
  /** Seconds since the epoch; the time of the call when absent. */
  readonly wallTime?: number | undefined;
}

/** tfjs-node gives a description where we take options. */
const asOptions = (options: SummaryOptions | string): SummaryOptions =>
  typeof options === 'string' ? { description: options } : options;

const checkPoint = (tag: string, step: number, wallTime: number): void => {
  if (typeof tag !== 'string' || tag === '') {
    const fix = 'Name what is recorded.';
    throw new SummaryValueError(String(tag), 'a tag of one character or more', 'none', fix);
  }
  if (!Number.isSafeInteger(step)) {
    const fix = 'Count steps in whole numbers.';
    throw new SummaryValueError(tag, 'a step, which is a whole number', String(step), fix);
  }
  if (!Number.isFinite(wallTime)) {
    const fix = 'Leave it out for the present.';
    throw new SummaryValueError(tag, 'a wall time in seconds', String(wallTime), fix);
  }
};

/**
 * Records summaries of a run. Every call queues and returns; nothing waits for a disk.
 *
 * A step is a whole number, negative ones included. What is wrong with a value throws a
 * SummaryValueError that names the tag; a write that failed since the last call throws an
 * EventWriteError; a call after the run was closed throws a WriterClosedError.
 */
export class SummaryRecorder {
  readonly #run: Run;
  readonly #prefix: string;
  readonly #scalars: ScalarEncoder;

  /** @param prefix what every tag starts with */
  constructor(run: Run, prefix: string) {
    this.#run = run;
    this.#prefix = prefix;
    this.#scalars = new ScalarEncoder(prefix);
  }

  /** Where the run's logs lie, as TensorBoard's `--logdir` takes it. */
  get logDir(): string {
    return this.#run.logDir;
  }

  /** The event file. */
  get path(): string {
    return this.#run.writer.path;
  }

  /**
   * Records a number. It is stored as float32; NaN and infinities are kept as such.
   *
   * @param value a number, or a tensor with one value
   * @param options a text is taken for the description, as tfjs-node's writer does
   */
  scalar(
    tag: string,
    value: number | TensorLike,
    step: number,
    options: SummaryOptions | string = {},
  ): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    const number = readScalar(tag, value);
    const { wallTime = clock(), ...shown } = asOptions(options);
    checkPoint(tag, step, wallTime);
    if (shown.description || shown.displayName) {
      this.#append(scalarSummary(this.#prefix + tag, number, shown), step, wallTime);
      return;
    }
    this.#scalars.append(writer.queue, tag, number, step, wallTime);
    writer.queued();
  }

  /** Records many scalars, or none of them when one is refused. */
  scalars(points: readonly ScalarPoint[]): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    const now = clock();
    for (const { tag, step, wallTime = now } of points) checkPoint(tag, step, wallTime);
    for (const { tag, value, step, wallTime = now } of points) {
      this.#scalars.append(writer.queue, tag, value, step, wallTime);
    }
    writer.queued();
  }

  /**
   * Records how values are distributed.
   *
   * @param values a tensor of any shape, or just numbers; all finite
   * @param options a number is taken for the buckets, as tfjs-node's writer does
   * @param description for tfjs-node's order of arguments
   */
  histogram(
    tag: string,
    values: TensorLike | ArrayLike<number>,
    step: number,
    options: HistogramOptions | number = {},
    description?: string,
  ): void {
    const given = typeof options === 'number' ? { buckets: options } : options;
    this.#record(tag, step, { description, ...given }, (name, shown) =>
      histogramSummary(name, values, shown),
    );
  }

  /**
   * Records one image. It is encoded at once, which takes about 30 ms for 512x512 RGB.
   *
   * @param image `[height, width, channels]`, or `[height, width]` for gray: integers in 0..255 or
   *   floats in 0..1, which are clipped; channels 1, 3 or 4
   */
  image(tag: string, image: TensorLike, step: number, options: SummaryOptions = {}): void {
    this.#record(tag, step, options, (name, shown) => imageSummary(name, image, shown));
  }

  /**
   * Records the first images of a batch, encoded at once.
   *
   * @param images `[batch, height, width, channels]`, each as {@link image} takes it
   */
  images(tag: string, images: TensorLike, step: number, options: ImageOptions = {}): void {
    this.#record(tag, step, options, (name, shown) => imagesSummary(name, images, shown));
  }

  /** Records a text. @param markdown what TensorBoard's text tab shows */
  text(tag: string, markdown: string, step: number, options: SummaryOptions = {}): void {
    this.#record(tag, step, options, (name, shown) => textSummary(name, markdown, shown));
  }

  /** Records the run's graph. @param graphDef a serialized GraphDef */
  graph(graphDef: Uint8Array): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    appendEvent(writer, { wallTime: clock(), what: { case: 'graphDef', value: graphDef } });
  }

  /** Records to the same run with `scope/` before every tag. */
  withPrefix(scope: string): SummaryRecorder {
    return new SummaryRecorder(this.#run, `${this.#prefix}${scope}/`);
  }

  /**
   * Resolves once everything recorded so far can be read back.
   *
   * @throws EventWriteError what went wrong in the background
   */
  flush(): Promise<void> {
    return this.#run.writer.flush();
  }

  #record<T extends SummaryOptions>(
    tag: string,
    step: number,
    options: T,
    summarize: (tag: string, options: T) => Summary_Value,
  ): void {
    this.#run.writer.assertUsable();
    const { wallTime = this.#run.clock() } = options;
    checkPoint(tag, step, wallTime);
    this.#append(summarize(this.#prefix + tag, options), step, wallTime);
  }

  #append(value: Summary_Value, step: number, wallTime: number): void {
    appendEvent(this.#run.writer, {
      wallTime,
      step: BigInt(step),
      what: { case: 'summary', value: { value: [value] } },
    });
  }
}
