/** What tells one event file from another. */
export interface EventFileNameParts {
  /** Seconds since the epoch; the whole part is used. */
  readonly seconds: number;
  readonly hostname: string;
  readonly pid: number;
  /** Counts the files of a process. */
  readonly counter: number;
  readonly suffix: string;
  /** Counts the files of a writer whose files are bounded. */
  readonly part?: number | undefined;
}

/**
 * Names an event file as TensorBoard's `EventFileWriter` does. Readers take any file whose name
 * contains `tfevents`, in the order of their names, so the time comes first and numbers have leading zeros.
 */
export const eventFileName = ({
  seconds,
  hostname,
  pid,
  counter,
  suffix,
  part,
}: EventFileNameParts): string => {
  const time = String(Math.floor(seconds)).padStart(10, '0');
  const number = part === undefined ? '' : `.${String(part).padStart(5, '0')}`;
  const count = String(counter).padStart(5, '0');
  return `events.out.tfevents.${time}.${hostname}.${pid}.${count}${number}${suffix}`;
};

/** Whether TensorBoard takes a file of this name for an event file. */
export const isEventFileName = (name: string): boolean => name.includes('tfevents');
