import { type Event, SessionLog_SessionStatus } from '@elistimator/protos';
import { readEvents } from './read-events';
import { scalarValue } from './scalar-value';

/** A scalar as it was read. */
export interface ReadScalar {
  readonly step: number;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly wallTime: number;
}

const isStart = ({ what }: Event): boolean =>
  what.case === 'sessionLog' && what.value.status === SessionLog_SessionStatus.START;

/** Collects the scalars of a run as TensorBoard's Python reader does, restarts included. */
class ScalarCollector {
  readonly scalars = new Map<string, ReadScalar[]>();
  readonly #plugins = new Map<string, string>();
  #hasStarted = false;

  add(event: Event): void {
    if (isStart(event)) this.#start(Number(event.step));
    if (event.what.case !== 'summary') return;
    for (const value of event.what.value.value) {
      const { tag } = value;
      const named = value.metadata?.pluginData?.pluginName;
      if (named && !this.#plugins.has(tag)) this.#plugins.set(tag, named);
      const number = scalarValue(value, this.#plugins.get(tag));
      if (number === undefined) continue;
      const points = this.scalars.get(tag) ?? [];
      points.push({ step: Number(event.step), value: number, wallTime: event.wallTime });
      this.scalars.set(tag, points);
    }
  }

  /** The first START begins a run; every later one takes back what lies at its step or beyond. */
  #start(step: number): void {
    if (this.#hasStarted) {
      for (const [tag, points] of this.scalars) {
        this.scalars.set(
          tag,
          points.filter((point) => point.step < step),
        );
      }
    }
    this.#hasStarted = true;
  }
}

/**
 * Reads the scalars of a run, by tag, in the order in which they were recorded. What a restart took
 * back is left out.
 *
 * @param fileOrDir an event file, or a run's directory
 * @throws CorruptEventFileError at a damaged record
 */
export const readScalars = async (fileOrDir: string): Promise<Map<string, ReadScalar[]>> => {
  const collector = new ScalarCollector();
  for await (const event of readEvents(fileOrDir)) collector.add(event);
  return collector.scalars;
};
