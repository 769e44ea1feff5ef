import type { ProgressReporter, SummaryScalar, SummarySink } from '../ports';
import { FailureReports } from './failure-reports';

/*
 * Logs and progress only observe training: a failure in one of them is reported, and training continues.
 */

/** What a failed summary is called in reports. */
export const summaryFailure = (tag: string, run: string, step: number) =>
  [`summary "${tag}" of the ${run} run`, `was not written at global step ${step}`] as const;

/**
 * A sink that reports what another sink throws. Only `close()` throws it.
 *
 * @param run the TensorBoard run, for the reports
 */
export const guardedSink = (
  sink: SummarySink,
  run: string,
  failures: FailureReports,
): SummarySink => {
  const guard = (tag: string, step: number, record: () => unknown): void =>
    failures.guard(...summaryFailure(tag, run, step), record);
  const scalars = (points: readonly SummaryScalar[]): void => {
    const [first, ...others] = points;
    if (first !== undefined && others.length > 0) {
      try {
        const result: unknown = sink.scalars(points);
        guard(first.tag, first.step, () => result);
        return;
      } catch {
        // One point was refused, and so all of them: each is tried alone.
      }
    }
    for (const point of points) guard(point.tag, point.step, () => sink.scalars([point]));
  };
  const graph = (graphDef: Uint8Array): void =>
    failures.guard(`the graph of the ${run} run`, 'was not written', () => sink.graph?.(graphDef));
  return {
    get logDir() {
      return sink.logDir;
    },
    scalars,
    histogram: (tag, values, step) => guard(tag, step, () => sink.histogram(tag, values, step)),
    images: (tag, images, step) => guard(tag, step, () => sink.images(tag, images, step)),
    text: (tag, markdown, step) => guard(tag, step, () => sink.text(tag, markdown, step)),
    ...(sink.graph && { graph }),
    flush: () =>
      failures.guardAsync(`logs of the ${run} run`, 'were not written', async () => sink.flush()),
    close: async () => sink.close(),
  };
};

/**
 * A reporter that never throws.
 *
 * @param warn prints what the other reporter can't print
 */
export const guardedProgress = (
  progress: ProgressReporter,
  warn: (text: string) => void,
): ProgressReporter => {
  const failures = new FailureReports(warn);
  const guard = (method: string, call: () => unknown): void =>
    failures.guard(`${method}() of the progress reporter`, 'failed', call);
  return {
    begin: (task) => guard('begin', () => progress.begin(task)),
    advance: (steps) => {
      let isDue: unknown;
      guard('advance', () => {
        isDue = progress.advance(steps);
        return isDue;
      });
      return isDue === true;
    },
    show: (postfix) => guard('show', () => progress.show(postfix)),
    end: () => guard('end', () => progress.end()),
    message: (text) => {
      try {
        const result: unknown = progress.message(text);
        if (result instanceof Promise) result.catch(() => warn(text));
      } catch {
        warn(text);
      }
    },
  };
};
