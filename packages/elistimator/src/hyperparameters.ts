/** A value of a hyperparameter in TensorBoard. */
export type Hyperparameter = number | string | boolean;

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/**
 * A model's parameters as TensorBoard's hyperparameters: nested dictionaries become paths
 * (`optimizer/rate`), and lists become text. Values without a short text, such as tensors and functions, are
 * omitted.
 */
export const hyperparametersOf = (
  params: unknown,
  path = '',
): Readonly<Record<string, Hyperparameter>> => {
  if (!isPlain(params)) return {};
  const found: Record<string, Hyperparameter> = {};
  for (const [key, value] of Object.entries(params)) {
    const name = path + key;
    if (typeof value === 'number') found[name] = Number.isFinite(value) ? value : String(value);
    else if (typeof value === 'string' || typeof value === 'boolean') found[name] = value;
    else if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
      found[name] = value.join(', ');
    } else Object.assign(found, hyperparametersOf(value, `${name}/`));
  }
  return found;
};
