/** The blob that `tf.train.latest_checkpoint` reads. */
export const STATE_NAME = 'checkpoint';

/** TensorFlow's list of the checkpoints in a directory. Source: `checkpoint_state.proto`. */
export interface CheckpointState {
  /** The prefix of the checkpoint saved last, absolute or relative to the directory. */
  readonly latest: string;
  /** The prefixes of all kept checkpoints, in the order in which they were saved. */
  readonly all: readonly string[];
  /** When each of `all` was saved, in seconds since the epoch; may be empty. */
  readonly timestamps: readonly number[];
  /** When training started, or a checkpoint was last kept for its age, in seconds since the epoch. */
  readonly lastPreserved?: number | undefined;
}

const SPECIAL = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['"', '\\"'],
  ["'", "\\'"],
  ['\\', '\\\\'],
]);

/** Escapes like protobuf's text format, with octal for every byte that is not printable ASCII. */
const quote = (text: string): string => {
  const escaped = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    const plain =
      byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`;
    return SPECIAL.get(character) ?? plain;
  });
  return `"${escaped.join('')}"`;
};

/** The text of the `checkpoint` file. */
export const formatCheckpointState = ({
  latest,
  all,
  timestamps,
  lastPreserved,
}: CheckpointState): string =>
  [
    `model_checkpoint_path: ${quote(latest)}`,
    ...all.map((path) => `all_model_checkpoint_paths: ${quote(path)}`),
    ...timestamps.map((seconds) => `all_model_checkpoint_timestamps: ${seconds}`),
    ...(lastPreserved === undefined ? [] : [`last_preserved_timestamp: ${lastPreserved}`]),
    '',
  ].join('\n');

const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{1,2})|([abfnrtv\\'"?]))/g;
const CONTROL: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const unquote = (quoted: string): string => {
  // Latin-1 has one character per byte, so octal escapes can form UTF-8 sequences again.
  const bytes = Buffer.from(quoted.slice(1, -1)).toString('latin1');
  const plain = bytes.replace(ESCAPE, (_, octal?: string, hex?: string, letter = '') => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return CONTROL[letter] ?? letter;
  });
  return Buffer.from(plain, 'latin1').toString();
};

const FIELD =
  /\s*(?:#[^\n]*\n\s*)*(\w+)\s*:\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[-+.\w]+)\s*[,;]?/y;

const fieldsOf = (text: string): Map<string, string[]> | undefined => {
  const fields = new Map<string, string[]>();
  FIELD.lastIndex = 0;
  let end = 0;
  for (let match = FIELD.exec(text); match !== null; match = FIELD.exec(text)) {
    const [, name = '', value = ''] = match;
    const values = fields.get(name) ?? [];
    values.push(value);
    fields.set(name, values);
    end = FIELD.lastIndex;
  }
  const rest = text.slice(end).split('\n');
  return rest.every((line) => /^\s*(#.*)?$/.test(line)) ? fields : undefined;
};

/**
 * Parses the text of a `checkpoint` file of TF1 or TF2.
 *
 * @returns undefined if it is not valid; TensorFlow ignores such a file too
 */
export const parseCheckpointState = (text: string): CheckpointState | undefined => {
  const fields = fieldsOf(text);
  const strings = (name: string) =>
    (fields?.get(name) ?? []).filter((value) => /^["']/.test(value)).map(unquote);
  const numbers = (name: string) => (fields?.get(name) ?? []).map(Number);
  const [latest] = strings('model_checkpoint_path').slice(-1);
  if (latest === undefined) return undefined;
  const all = strings('all_model_checkpoint_paths');
  const timestamps = numbers('all_model_checkpoint_timestamps');
  const hasTimes = timestamps.length === all.length && timestamps.every(Number.isFinite);
  const [lastPreserved] = numbers('last_preserved_timestamp').filter(Number.isFinite).slice(-1);
  return { latest, all, timestamps: hasTimes ? timestamps : [], lastPreserved };
};
