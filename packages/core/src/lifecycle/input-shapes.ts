import type { InputSignature, TensorSpec } from '../dataset';
import { OptionError } from '../errors';

/** Shapes by feature name, with null for each dimension that varies between batches. */
export type InputShapes = Readonly<Record<string, readonly (number | null)[]>>;

type Shape = TensorSpec['shape'];

/** Whether `wide` allows every shape that `narrow` allows. */
const covers = (wide: Shape, narrow: Shape): boolean =>
  wide.length === narrow.length &&
  wide.every((size, axis) => size === null || size === narrow[axis]);

const assertShapes = (signature: InputSignature, shapes: InputShapes): void => {
  for (const [name, shape] of Object.entries(shapes)) {
    const spec = Object.hasOwn(signature, name) ? signature[name] : undefined;
    if (spec !== undefined && covers(shape, spec.shape)) continue;
    throw new OptionError({
      subject: `inputShapes.${name} of setup()`,
      expected: spec
        ? `a shape that allows [${spec.shape.map(String)}], the shape in the first batch`
        : `a feature of the first batch: ${Object.keys(signature).join(', ')}`,
      actual: `[${shape.map(String)}]`,
      fix: 'Use null for the batch and for each dimension that varies between batches.',
    });
  }
};

/**
 * The signature of a batch, with those dimensions left open that the user declared, or that an earlier
 * signature leaves open.
 *
 * @throws OptionError when a declared shape does not allow the batch
 */
export const openDimensions = (
  signature: InputSignature,
  shapes: InputShapes = {},
  earlier: InputSignature = {},
): InputSignature => {
  assertShapes(signature, shapes);
  const openedSpec = ([name, { dtype, shape }]: [string, TensorSpec]): [string, TensorSpec] => {
    const known = Object.hasOwn(earlier, name) ? earlier[name]?.shape : undefined;
    const declared = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    const opened = declared ?? (known && covers(known, shape) ? known : shape);
    return [name, { dtype, shape: [...opened] }];
  };
  return Object.fromEntries(Object.entries(signature).map(openedSpec));
};
