import { currentModelCall } from './model-call';

/**
 * Runs `fn` with `name/` before the names of the layers, variables and summaries made in it.
 *
 * @param options.reuse share the variables of an earlier scope of this name: its layers are numbered
 *   from the start again, so the first `dense` here is the first `dense` there
 */
export const variableScope = <T>(
  name: string,
  fn: () => T,
  { reuse = false }: { readonly reuse?: boolean } = {},
): T => currentModelCall('variableScope()').withScope(name, reuse, fn);
