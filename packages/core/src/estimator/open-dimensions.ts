import type { InputSignature, TensorSpec } from '../dataset';
import { explain } from '../errors';
import type { SetupOptions } from './options';
import { OptionError } from './validate-options';

type Shapes = NonNullable<SetupOptions['inputShapes']>;
type Shape = TensorSpec['shape'];

/** Whether everything of one shape is also of the other. */
const covers = (wide: Shape, narrow: Shape): boolean =>
  wide.length === narrow.length &&
  wide.every((size, axis) => size === null || size === narrow[axis]);

const checkShapes = (signature: InputSignature, shapes: Shapes): void => {
  for (const [name, shape] of Object.entries(shapes)) {
    const spec = Object.hasOwn(signature, name) ? signature[name] : undefined;
    if (spec !== undefined && covers(shape, spec.shape)) continue;
    throw new OptionError(
      explain({
        subject: `inputShapes.${name} of setup()`,
        expected: spec
          ? `a shape that holds [${spec.shape.map(String)}], as the first batch has it`
          : `a feature of the first batch: ${Object.keys(signature).join(', ')}`,
        actual: `[${shape.map(String)}]`,
        fix: 'Give null for the batch and for each dimension that differs from batch to batch.',
      }),
    );
  }
};

/**
 * A batch's signature with the dimensions open that the user declared so, or that an earlier signature
 * has open.
 *
 * @throws OptionError when a declared shape does not hold the batch
 */
export const openDimensions = (
  signature: InputSignature,
  shapes: Shapes = {},
  earlier: InputSignature = {},
): InputSignature => {
  checkShapes(signature, shapes);
  const opened = ([name, { dtype, shape }]: [string, TensorSpec]) => {
    const known = Object.hasOwn(earlier, name) ? earlier[name]?.shape : undefined;
    const declared = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    return [name, { dtype, shape: declared ?? (known && covers(known, shape) ? known : shape) }];
  };
  return Object.fromEntries(Object.entries(signature).map(opened)) as InputSignature;
};
