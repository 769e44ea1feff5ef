import type { Summary_Value } from '@elistimator/protos';
import { appendEvent } from './append-event';
import { checkPoint } from './check-point';
import type { Run } from './run';
import { ScalarEncoder } from './scalar-encoder';
import { type AudioOptions, audioSummary } from './summaries/audio';
import { type ChartCategory, customScalarsSummary } from './summaries/custom-scalars';
import { type EmbeddingOptions, embeddingFiles } from './summaries/embedding';
import { type FigureOptions, figureSummary } from './summaries/figure';
import { type HistogramOptions, histogramSummary } from './summaries/histogram';
import type { HParamValue } from './summaries/hparam-value';
import { type HParamsConfig, hparamsConfigSummary } from './summaries/hparams-config';
import {
  type HParamsOptions,
  type HParamsStatus,
  hparamsEnd,
  hparamsStart,
} from './summaries/hparams-session';
import { type ImageOptions, imageSummary, imagesSummary } from './summaries/image';
import { type MeshOptions, meshSummaries } from './summaries/mesh';
import type { SummaryOptions } from './summaries/metadata';
import { type PrCurveOptions, prCurveSummary } from './summaries/pr-curve';
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

  /** The event file; the first one, where `maxFileBytes` makes several. */
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
   * Records one image. It is encoded at once, which takes about 15 ms for 512x512 RGB.
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

  /**
   * Records a plot that was drawn elsewhere, for the images tab. Its bytes are kept as they are.
   *
   * @param figure the bytes of a PNG, JPEG, GIF or BMP file; or an SVG, with `rasterize`
   */
  figure(
    tag: string,
    figure: Uint8Array | string,
    step: number,
    options: FigureOptions = {},
  ): void {
    this.#record(tag, step, options, (name, shown) => figureSummary(name, figure, shown));
  }

  /**
   * Records sound, as WAV with 16-bit samples.
   *
   * @param sound `[frames]`, `[frames, channels]` or `[clips, frames, channels]`: floats in -1..1 or
   *   integers in -32768..32767, clipped to that
   */
  audio(tag: string, sound: TensorLike, step: number, options: AudioOptions): void {
    this.#record(tag, step, options, (name, shown) => audioSummary(name, sound, shown));
  }

  /**
   * Records a precision-recall curve of a binary classifier.
   *
   * @param labels 0 or 1 (or booleans) for each example, of any shape
   * @param predictions as many, in 0..1; what lies outside is clipped
   */
  prCurve(
    tag: string,
    labels: TensorLike | ArrayLike<number>,
    predictions: TensorLike | ArrayLike<number>,
    step: number,
    options: PrCurveOptions = {},
  ): void {
    this.#record(tag, step, options, (name, shown) =>
      prCurveSummary(name, labels, predictions, shown),
    );
  }

  /**
   * Records meshes or point clouds.
   *
   * @param vertices x, y and z of each, `[n, 3]` or `[batch, n, 3]`
   */
  mesh(tag: string, vertices: TensorLike, step: number, options: MeshOptions = {}): void {
    this.#record(tag, step, options, (name, shown) => meshSummaries(name, vertices, shown));
  }

  /**
   * Records vectors for the projector. Files for it are written beside the event file in the
   * background; `flush` waits for them.
   *
   * @param vectors `[n, d]`, all finite
   */
  embedding(tag: string, vectors: TensorLike, step: number, options: EmbeddingOptions = {}): void {
    const { writer, projector, clock } = this.#run;
    writer.assertUsable();
    checkPoint(tag, step, clock());
    const files = embeddingFiles(this.#prefix + tag, vectors, step, options);
    writer.alongside(projector.add(files));
  }

  /** Records the hyperparameters and metrics of an experiment; once, usually in the log's root. */
  hparamsConfig(config: HParamsConfig): void {
    this.#recordRun((now) => hparamsConfigSummary(config, now));
  }

  /** Records the hyperparameters of this run, a trial, which starts now. */
  hparams(values: Readonly<Record<string, HParamValue>>, options: HParamsOptions = {}): void {
    this.#recordRun((now) => hparamsStart(values, options, now));
  }

  /** Records how the trial ended. @param endTimeSecs seconds since the epoch; now when absent */
  hparamsEnd(status: HParamsStatus = 'success', endTimeSecs?: number): void {
    this.#recordRun((now) => hparamsEnd(status, endTimeSecs ?? now));
  }

  /** Records which scalars share a chart of the custom scalars tab. */
  customScalars(categories: readonly ChartCategory[]): void {
    this.#recordRun(() => customScalarsSummary(categories));
  }

  /** Records the run's graph. @param graphDef a serialized GraphDef */
  graph(graphDef: Uint8Array): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    appendEvent(writer, { wallTime: clock(), what: { case: 'graphDef', value: graphDef } });
  }

  /**
   * Records what a step cost, for the graph tab.
   *
   * @param tag how the tab names the step; each only once
   * @param runMetadata a serialized RunMetadata
   */
  runMetadata(tag: string, runMetadata: Uint8Array, step: number): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    const wallTime = clock();
    checkPoint(tag, step, wallTime);
    const value = { tag: this.#prefix + tag, runMetadata };
    appendEvent(writer, {
      wallTime,
      step: BigInt(step),
      what: { case: 'taggedRunMetadata', value },
    });
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
    summarize: (tag: string, options: T) => Summary_Value | Summary_Value[],
  ): void {
    this.#run.writer.assertUsable();
    const { wallTime = this.#run.clock() } = options;
    checkPoint(tag, step, wallTime);
    this.#append(summarize(this.#prefix + tag, options), step, wallTime);
  }

  /** Records what is said of a run as a whole, under a tag of TensorBoard's own. */
  #recordRun(summarize: (now: number) => Summary_Value): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    const now = clock();
    this.#append(summarize(now), 0, now);
  }

  #append(value: Summary_Value | Summary_Value[], step: number, wallTime: number): void {
    appendEvent(this.#run.writer, {
      wallTime,
      step: BigInt(step),
      what: { case: 'summary', value: { value: Array.isArray(value) ? value : [value] } },
    });
  }
}
