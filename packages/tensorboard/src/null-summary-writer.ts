import type { SummaryWriter } from './summary-writer';

/** What a `SummaryWriter` does, whoever does it. */
export type SummaryWriterLike = Omit<Pick<SummaryWriter, keyof SummaryWriter>, 'withPrefix'> & {
  withPrefix(scope: string): SummaryWriterLike;
};

const nothing = (): void => {};
const done = async (): Promise<void> => {};

/** Records nothing, for runs that keep no log. Fits wherever a `SummaryWriter` or a sink does. */
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
