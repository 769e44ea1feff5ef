import { checkedAsyncFunction, required } from '@elistimator/internal';
import {
  DataType,
  type Event,
  SessionLog_SessionStatus,
  type Summary_Value,
  type TensorProto,
} from '@elistimator/protos';
import { readEvents } from './read-events';

/** A scalar read from an event file. */
export interface ReadScalar {
  readonly step: number;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly wallTime: number;
}

/**
 * Reads the scalars of a run by tag, in the order in which they were recorded. Scalars that were purged
 * by a restart (see `purgeStep`) are left out.
 *
 * @param fileOrDir an event file, or the directory of a run
 * @throws CorruptEventFileError at a damaged record
 */
export const readScalars = checkedAsyncFunction(
  'readScalars()',
  { fileOrDir: required() },
  async (fileOrDir: string | URL): Promise<Map<string, ReadScalar[]>> => {
    const collector = new ScalarCollector();
    for await (const event of readEvents(fileOrDir)) collector.add(event);
    return collector.scalars;
  },
);

/** Collects the scalars of a run and purges them at restarts, as TensorBoard's Python reader does. */
class ScalarCollector {
  readonly scalars = new Map<string, ReadScalar[]>();
  readonly #plugins = new Map<string, string>();
  #hasStarted = false;

  add(event: Event): void {
    if (isStart(event)) this.#start(Number(event.step));
    if (event.what.case !== 'summary') return;
    for (const value of event.what.value.value) {
      const { tag } = value;
      const plugin = value.metadata?.pluginData?.pluginName;
      if (plugin && !this.#plugins.has(tag)) this.#plugins.set(tag, plugin);
      const scalar = scalarOf(value, this.#plugins.get(tag));
      if (scalar === undefined) continue;
      const points = this.scalars.get(tag) ?? [];
      points.push({ step: Number(event.step), value: scalar, wallTime: event.wallTime });
      this.scalars.set(tag, points);
    }
  }

  /** The first START begins a run; each later one purges the scalars at its step and later. */
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

const isStart = ({ what }: Event): boolean =>
  what.case === 'sessionLog' && what.value.status === SessionLog_SessionStatus.START;

/**
 * The number of a scalar summary: a `simple_value`, or a float tensor without dimensions.
 *
 * @param plugin the plugin named by the first summary of the tag; TensorFlow 2 omits it in later ones
 */
const scalarOf = ({ value }: Summary_Value, plugin: string | undefined): number | undefined => {
  if (value.case === 'simpleValue') return value.value;
  return value.case === 'tensor' && plugin === 'scalars' ? tensorScalar(value.value) : undefined;
};

const tensorScalar = (tensor: TensorProto): number | undefined => {
  if (tensor.tensorShape?.dim.length) return undefined;
  const { buffer, byteOffset, byteLength } = tensor.tensorContent;
  const content = new DataView(buffer, byteOffset, byteLength);
  switch (tensor.dtype) {
    case DataType.DT_FLOAT:
      return tensor.floatVal[0] ?? (byteLength === 4 ? content.getFloat32(0, true) : undefined);
    case DataType.DT_DOUBLE:
      return tensor.doubleVal[0] ?? (byteLength === 8 ? content.getFloat64(0, true) : undefined);
    default:
      return undefined;
  }
};
