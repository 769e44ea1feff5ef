import type { SummaryWriter } from './summary-writer';

/** The interface of a `SummaryWriter`, which other implementations can have too. */
export type SummaryWriterLike = Omit<Pick<SummaryWriter, keyof SummaryWriter>, 'withPrefix'> & {
  withPrefix(scope: string): SummaryWriterLike;
};

const nothing = (): void => {};
const done = async (): Promise<void> => {};

/**
 * Records nothing. It has all methods of a `SummaryWriter`, not only those of a `SummarySink`, so that
 * code that records hyperparameters, images or meshes needs no condition for runs without logs.
 */
export const nullSummaryWriter: SummaryWriterLike = {
  logDir: '',
  path: '',
  scalar: nothing,
  scalars: nothing,
  histogram: nothing,
  image: nothing,
  images: nothing,
  figure: nothing,
  audio: nothing,
  text: nothing,
  prCurve: nothing,
  mesh: nothing,
  embedding: nothing,
  hparamsConfig: nothing,
  hparams: nothing,
  hparamsEnd: nothing,
  customScalars: nothing,
  graph: nothing,
  runMetadata: nothing,
  withPrefix: () => nullSummaryWriter,
  flush: done,
  close: done,
  [Symbol.asyncDispose]: done,
};
