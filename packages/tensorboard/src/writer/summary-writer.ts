import {
  assertArguments,
  checkMethods,
  kinds,
  optional,
  options,
  required,
  requiredOptions,
} from '@elistimator/internal';
import type { Summary_Value } from '@elistimator/protos';
import { assertScalarPoint, assertScalarValue, type ScalarPoint } from '../sinks/summary-sink';
import { type AudioOptions, audioSummary } from '../summaries/audio';
import { type ChartCategory, customScalarsSummary } from '../summaries/custom-scalars';
import { type EmbeddingOptions, embeddingFiles } from '../summaries/embedding';
import { type FigureOptions, figureSummary } from '../summaries/figure';
import { type HistogramOptions, histogramSummary } from '../summaries/histogram';
import { type HParamsConfig, hparamsConfigSummary } from '../summaries/hparams-config';
import type { HParamValue } from '../summaries/hparams-plugin';
import {
  type HParamsOptions,
  type HParamsStatus,
  hparamsEnd,
  hparamsStart,
} from '../summaries/hparams-trial';
import { type ImageOptions, imageSummary, imagesSummary } from '../summaries/image';
import { type MeshOptions, meshSummaries } from '../summaries/mesh';
import { type PrCurveOptions, prCurveSummary } from '../summaries/pr-curve';
import { scalarSummary, textSummary } from '../summaries/single-value';
import type { SummaryOptions } from '../summaries/summary-value';
import { readScalar, type TensorLike } from '../tensor-like';
import { appendEvent, openRun, type Run, type SummaryWriterOptions } from './run';
import { ScalarEncoder } from './scalar-encoder';

/** tfjs-node's writer takes a description in place of options. */
const asOptions = (options: SummaryOptions | string): SummaryOptions =>
  typeof options === 'string' ? { description: options } : options;

const isRun = (value: string | URL | Run): value is Run =>
  typeof value === 'object' && 'writer' in value;

const writerParameters = {
  logDir: required(),
  options: options<SummaryWriterOptions>({
    flushSecs: true,
    flushBytes: true,
    maxQueueBytes: true,
    fileNameSuffix: kinds.string,
    purgeStep: true,
    maxFileBytes: true,
    clock: kinds.callback,
    hostname: kinds.string,
    pid: true,
    createFile: kinds.callback,
  }),
};

/**
 * Writes the summaries of a run to an event file for TensorBoard. Every call queues and returns; the
 * queue is written in the background: after `flushSecs`, at `flushBytes`, at `flush()` and `close()`,
 * and when the process exits.
 *
 * A step is an integer and may be negative. All methods that record throw a SummaryValueError, which
 * has the tag, if a value is not valid; an EventWriteError if a write in the background failed before;
 * and a WriterClosedError after `close()`.
 */
export class SummaryWriter {
  readonly #run: Run;
  readonly #scalars: ScalarEncoder;

  /**
   * Creates the directory, with its parents, and a new event file in it.
   *
   * @param logDir the directory of the run, as a path or a `file:` URL
   * @throws PathError with the path and the system's code; SummaryOptionError
   */
  constructor(logDir: string | URL, options?: SummaryWriterOptions);
  /** @internal Shares an open run, for `withPrefix`. */
  constructor(run: Run);
  constructor(logDirOrRun: string | URL | Run, options: SummaryWriterOptions = {}) {
    assertArguments('new SummaryWriter()', arguments, writerParameters);
    this.#run = isRun(logDirOrRun) ? logDirOrRun : openRun(logDirOrRun, options);
    this.#scalars = new ScalarEncoder(this.#run.prefix);
  }

  /** The absolute path of the directory of the run. */
  get logDir(): string {
    return this.#run.logDir;
  }

  /** Path of the event file; of the first one if `maxFileBytes` creates several. */
  get path(): string {
    return this.#run.writer.path;
  }

  /**
   * Records a number as float32. NaN and infinities are allowed.
   *
   * @param value a number, or a tensor with one value
   * @param options a string is the description, as in tfjs-node's writer
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
    const { wallTime = clock(), ...presentation } = asOptions(options);
    assertScalarPoint(tag, step, wallTime);
    if (presentation.description || presentation.displayName) {
      this.#append(scalarSummary(this.#run.prefix + tag, number, presentation), step, wallTime);
      return;
    }
    this.#scalars.append(writer.queue, tag, number, step, wallTime);
    writer.scheduleWrite();
  }

  /** Records several scalars, or none if one of them is not valid. */
  scalars(points: readonly ScalarPoint[]): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    const now = clock();
    for (const { tag, value, step, wallTime = now } of points) {
      assertScalarPoint(tag, step, wallTime);
      assertScalarValue(tag, value);
    }
    for (const { tag, value, step, wallTime = now } of points) {
      this.#scalars.append(writer.queue, tag, value, step, wallTime);
    }
    writer.scheduleWrite();
  }

  /**
   * Records the distribution of values.
   *
   * @param values a tensor of any shape, or an array; all values must be finite
   * @param options a number is the number of buckets, as in tfjs-node's writer
   * @param description an argument of tfjs-node's writer
   */
  histogram(
    tag: string,
    values: TensorLike | ArrayLike<number>,
    step: number,
    options: HistogramOptions | number = {},
    description?: string,
  ): void {
    const histogramOptions = {
      description,
      ...(typeof options === 'number' ? { buckets: options } : options),
    };
    this.#record(tag, step, histogramOptions, (fullTag) =>
      histogramSummary(fullTag, values, histogramOptions),
    );
  }

  /**
   * Records an image. It is encoded as PNG synchronously, which takes about 15 ms for 512x512 RGB.
   *
   * @param image `[height, width, channels]` with 1, 3 or 4 channels, or `[height, width]` for gray:
   *   integers in 0..255 or floats in 0..1; other values are clipped
   */
  image(tag: string, image: TensorLike, step: number, options: SummaryOptions = {}): void {
    this.#record(tag, step, options, (fullTag) => imageSummary(fullTag, image, options));
  }

  /**
   * Records the first images of a batch. They are encoded as PNG synchronously.
   *
   * @param images `[batch, height, width, channels]`, with values as for {@link image}
   */
  images(tag: string, images: TensorLike, step: number, options: ImageOptions = {}): void {
    this.#record(tag, step, options, (fullTag) => imagesSummary(fullTag, images, options));
  }

  /** Records a text for the text tab. @param markdown tables are supported */
  text(tag: string, markdown: string, step: number, options: SummaryOptions = {}): void {
    this.#record(tag, step, options, (fullTag) => textSummary(fullTag, markdown, options));
  }

  /**
   * Records an encoded image, such as a plot, for the images tab. Its bytes are stored unchanged.
   *
   * @param figure content of a PNG, JPEG, GIF or BMP file, or an SVG together with `rasterize`
   */
  figure(
    tag: string,
    figure: Uint8Array | string,
    step: number,
    options: FigureOptions = {},
  ): void {
    this.#record(tag, step, options, (fullTag) => figureSummary(fullTag, figure, options));
  }

  /**
   * Records sound as WAV with 16-bit samples.
   *
   * @param sound `[frames]`, `[frames, channels]` or `[clips, frames, channels]`: floats in -1..1 or
   *   integers in -32768..32767; other values are clipped
   */
  audio(tag: string, sound: TensorLike, step: number, options: AudioOptions): void {
    this.#record(tag, step, options, (fullTag) => audioSummary(fullTag, sound, options));
  }

  /**
   * Records a precision-recall curve of a binary classifier.
   *
   * @param labels 0 or 1 (or a boolean) for each example, of any shape
   * @param predictions a score in 0..1 for each example; other values are clipped
   */
  prCurve(
    tag: string,
    labels: TensorLike | ArrayLike<number>,
    predictions: TensorLike | ArrayLike<number>,
    step: number,
    options: PrCurveOptions = {},
  ): void {
    this.#record(tag, step, options, (fullTag) =>
      prCurveSummary(fullTag, labels, predictions, options),
    );
  }

  /**
   * Records meshes or point clouds.
   *
   * @param vertices x, y and z of each vertex, `[n, 3]` or `[batch, n, 3]`
   */
  mesh(tag: string, vertices: TensorLike, step: number, options: MeshOptions = {}): void {
    this.#record(tag, step, options, (fullTag) => meshSummaries(fullTag, vertices, options));
  }

  /**
   * Records vectors for the projector. They are written to files next to the event file in the
   * background; `flush` waits for them.
   *
   * @param vectors `[n, d]`; all values must be finite
   */
  embedding(tag: string, vectors: TensorLike, step: number, options: EmbeddingOptions = {}): void {
    const { writer, projector, clock, prefix } = this.#run;
    writer.assertUsable();
    assertScalarPoint(tag, step, clock());
    const files = embeddingFiles(prefix + tag, vectors, step, options);
    writer.trackWrite(projector.add(files));
  }

  /** Records the hyperparameters and metrics of an experiment. Call once, usually in the root of the logs. */
  hparamsConfig(config: HParamsConfig): void {
    this.#recordRun((now) => hparamsConfigSummary(config, now));
  }

  /** Records the hyperparameters of this run as a trial that starts now. */
  hparams(values: Readonly<Record<string, HParamValue>>, options: HParamsOptions = {}): void {
    this.#recordRun((now) => hparamsStart(values, options, now));
  }

  /** Records the end of the trial. @param endTimeSecs seconds since the epoch; default: now */
  hparamsEnd(status: HParamsStatus = 'success', endTimeSecs?: number): void {
    this.#recordRun((now) => hparamsEnd(status, endTimeSecs ?? now));
  }

  /** Records which scalars share a chart in the custom scalars tab. */
  customScalars(categories: readonly ChartCategory[]): void {
    this.#recordRun(() => customScalarsSummary(categories));
  }

  /** Records the graph of the run. @param graphDef a serialized GraphDef */
  graph(graphDef: Uint8Array): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    appendEvent(this.#run, { wallTime: clock(), what: { case: 'graphDef', value: graphDef } });
  }

  /**
   * Records the compute time and memory of a step for the graph tab.
   *
   * @param tag name of the step in the tab; must be unique in the run
   * @param runMetadata a serialized RunMetadata
   */
  runMetadata(tag: string, runMetadata: Uint8Array, step: number): void {
    const { writer, clock, prefix } = this.#run;
    writer.assertUsable();
    const wallTime = clock();
    assertScalarPoint(tag, step, wallTime);
    const value = { tag: prefix + tag, runMetadata };
    appendEvent(this.#run, {
      wallTime,
      step: BigInt(step),
      what: { case: 'taggedRunMetadata', value },
    });
  }

  /** A writer that prepends `scope/` to every tag. Both share the event file: closing one closes both. */
  withPrefix(scope: string): SummaryWriter {
    return new SummaryWriter({ ...this.#run, prefix: `${this.#run.prefix}${scope}/` });
  }

  /**
   * Resolves once everything recorded so far can be read.
   *
   * @throws EventWriteError if a write in the background failed
   */
  flush(): Promise<void> {
    return this.#run.writer.flush();
  }

  /**
   * Writes the rest and closes the file.
   *
   * @throws EventWriteError if a write in the background failed
   */
  close(): Promise<void> {
    return this.#run.writer.close();
  }

  /** Closes the file at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #record(
    tag: string,
    step: number,
    { wallTime = this.#run.clock() }: SummaryOptions,
    summarize: (fullTag: string) => Summary_Value | Summary_Value[],
  ): void {
    this.#run.writer.assertUsable();
    assertScalarPoint(tag, step, wallTime);
    this.#append(summarize(this.#run.prefix + tag), step, wallTime);
  }

  /** Records a summary that describes the run, under a tag defined by TensorBoard. */
  #recordRun(summarize: (now: number) => Summary_Value): void {
    const { writer, clock } = this.#run;
    writer.assertUsable();
    const now = clock();
    this.#append(summarize(now), 0, now);
  }

  #append(value: Summary_Value | Summary_Value[], step: number, wallTime: number): void {
    appendEvent(this.#run, {
      wallTime,
      step: BigInt(step),
      what: { case: 'summary', value: { value: Array.isArray(value) ? value : [value] } },
    });
  }
}

const summaryKeys = {
  wallTime: true,
  description: kinds.string,
  displayName: kinds.string,
} as const;

/** The parameters of a method that records values at a step. */
const recording = { tag: required(), values: required(), step: required() } as const;

checkMethods(SummaryWriter.prototype, 'SummaryWriter.', {
  scalar: { ...recording, options: options<SummaryOptions>(summaryKeys, kinds.string) },
  scalars: { points: required(kinds.array) },
  histogram: {
    ...recording,
    options: options<HistogramOptions>({ ...summaryKeys, buckets: true }, kinds.number),
    description: optional(kinds.string),
  },
  image: { ...recording, options: options<SummaryOptions>(summaryKeys) },
  images: { ...recording, options: options<ImageOptions>({ ...summaryKeys, maxOutputs: true }) },
  text: {
    ...recording,
    values: required(kinds.string),
    options: options<SummaryOptions>(summaryKeys),
  },
  figure: {
    ...recording,
    options: options<FigureOptions>({ ...summaryKeys, rasterize: kinds.callback }),
  },
  audio: {
    ...recording,
    options: requiredOptions<AudioOptions>({
      ...summaryKeys,
      sampleRate: true,
      maxOutputs: true,
    }),
  },
  prCurve: {
    tag: required(),
    labels: required(),
    predictions: required(),
    step: required(),
    options: options<PrCurveOptions>({ ...summaryKeys, numThresholds: true, weights: true }),
  },
  mesh: {
    ...recording,
    options: options<MeshOptions>({ ...summaryKeys, faces: true, colors: true, config: true }),
  },
  embedding: {
    ...recording,
    options: options<EmbeddingOptions>({ metadata: true, sprites: true }),
  },
  hparamsConfig: {
    config: requiredOptions<HParamsConfig>({
      hparams: kinds.array,
      metrics: kinds.array,
      name: kinds.string,
      description: kinds.string,
      user: kinds.string,
      timeCreatedSecs: true,
    }),
  },
  hparams: {
    values: required(kinds.object),
    options: options<HParamsOptions>({
      trialId: kinds.string,
      startTimeSecs: true,
      modelUri: kinds.string,
      monitorUrl: kinds.string,
    }),
  },
  hparamsEnd: { status: optional(), endTimeSecs: optional() },
  customScalars: { categories: required(kinds.array) },
  graph: { graphDef: required(kinds.bytes) },
  runMetadata: {
    tag: required(),
    runMetadata: required(kinds.bytes),
    step: required(),
  },
  withPrefix: { scope: required(kinds.string) },
  flush: {},
  close: {},
});
