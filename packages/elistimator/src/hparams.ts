/** A value that TensorBoard's HParams plugin shows. */
export type HparamValue = number | string | boolean;

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/**
 * A model's parameters as TensorBoard's hyperparameters: nested dictionaries become paths
 * (`optimizer/rate`), and lists become text. Values without a short text, such as tensors and functions, are
 * omitted.
 */
export const hparamsOf = (params: unknown, path = ''): Readonly<Record<string, HparamValue>> => {
  if (!isPlain(params)) return {};
  const hparams: Record<string, HparamValue> = {};
  for (const [key, value] of Object.entries(params)) {
    const name = path + key;
    if (typeof value === 'number') hparams[name] = Number.isFinite(value) ? value : String(value);
    else if (typeof value === 'string' || typeof value === 'boolean') hparams[name] = value;
    else if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
      hparams[name] = value.join(', ');
    } else Object.assign(hparams, hparamsOf(value, `${name}/`));
  }
  return hparams;
};
