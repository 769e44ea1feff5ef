import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ValueSchema } from '@bufbuild/protobuf/wkt';
import { SummaryValueError } from '../errors';

/** What a hyperparameter may be. */
export type HParamValue = number | string | boolean;

/**
 * A hyperparameter's value as protobuf has it.
 *
 * @throws SummaryValueError when it is of another type, or a number that is not finite
 */
export const toHParamValue = (
  name: string,
  value: HParamValue,
): MessageInitShape<typeof ValueSchema> => {
  switch (typeof value) {
    case 'string':
      return { kind: { case: 'stringValue', value } };
    case 'boolean':
      return { kind: { case: 'boolValue', value } };
    case 'number':
      if (Number.isFinite(value)) return { kind: { case: 'numberValue', value } };
  }
  throw new SummaryValueError(
    name,
    'a hyperparameter that is a finite number, a string or a boolean',
    typeof value === 'number' ? String(value) : typeof value,
    'Leave it out, or record it as a string.',
  );
};
