import type { EngineScope } from '../tfjs-internals';
import type { Place } from './recording';

const OP_SUFFIX = '__op';
/** tfjs's own scopes: a `tf.tidy` without a name, and the two halves of a gradient. */
const ownScopes: Readonly<Record<string, string | undefined>> = {
  'unnamed scope': undefined,
  forward: undefined,
  backward: 'gradients',
};

/** A name of `tf.tidy` as a part of a TensorFlow name, which has fewer characters to choose from. */
const scopeName = (name: string): string =>
  name.replace(/[^A-Za-z0-9_.\\/>-]/g, '_').replace(/^[^A-Za-z0-9.]+/, '') || 'scope';

/** Where in the code the engine is, from its stack of scopes; `base` of them are around the trace. */
export const placeOf = (stack: readonly EngineScope[], base: number): Place => {
  const inner = stack.slice(base);
  const ops = inner.filter(({ name }) => name.endsWith(OP_SUFFIX));
  const [outermost] = ops;
  const innerOp = ops.at(-1)?.name;
  return {
    scopes: inner.flatMap(({ name }) => {
      if (name.endsWith(OP_SUFFIX)) return [];
      const shown = Object.hasOwn(ownScopes, name) ? ownScopes[name] : scopeName(name);
      return shown === undefined ? [] : [shown];
    }),
    op: outermost && { name: withoutSuffix(outermost.name), id: outermost.id },
    innerOp: innerOp === undefined ? undefined : withoutSuffix(innerOp),
  };
};

const withoutSuffix = (name: string): string => scopeName(name.slice(0, -OP_SUFFIX.length));
