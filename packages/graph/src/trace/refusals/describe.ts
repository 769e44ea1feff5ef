import { placedName } from '../operation-names';
import type { RecordedNode } from '../recording';

/** An operation in a message: its name, and the kernel where the name does not say it. */
export const operation = (name: string, kernel?: string): string =>
  kernel === undefined || name.endsWith(kernel) ? `"${name}"` : `"${name}" (${kernel})`;

export const RANDOM_FIX =
  'Draw random numbers with randomTensor() (in an Elistimator model: random.* or layers.dropout), ' +
  'and pass what changes from call to call as an input.';

/** tfjs's operations that draw numbers in JavaScript. */
const drawing = new Set([
  'dropout',
  'multinomial',
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
]);

/** Whether a node stands where tfjs draws random numbers. */
export const isDrawn = ({ place, ...node }: RecordedNode): boolean =>
  (node.kind === 'kernel' && node.kernel === 'Multinomial') ||
  (place.innerOp !== undefined && drawing.has(place.innerOp)) ||
  (place.op !== undefined && drawing.has(place.op.name));

/** A node in a message, while names are not given yet. */
export const nodeLabel = (node: RecordedNode | undefined): string => {
  if (node === undefined) return 'a tensor';
  if (node.kind === 'placeholder') return `the input "${node.name}"`;
  if (node.kind === 'variable') return `the variable "${node.variable.name}"`;
  const type = node.kind === 'kernel' ? node.kernel : 'Const';
  return operation(placedName(node.place, type), type);
};
