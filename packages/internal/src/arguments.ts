import { ExplainedTypeError } from './errors';
import { didYouMean, listNames } from './names';

/**
 * An argument of a public function that is missing, superfluous, unknown, or of the wrong kind.
 *
 * Each package has its own copy of this class; `instanceof` accepts the errors of all of them.
 */
export class ArgumentError extends ExplainedTypeError {
  override readonly name = 'ArgumentError';

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof TypeError && value.name === 'ArgumentError';
  }
}

/** A set of values, such as the positive integers. */
export interface Kind {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  accepts(value: unknown): boolean;
}

const kind = (expected: string, accepts: (value: unknown) => boolean): Kind => ({
  expected,
  accepts,
});

/** Kinds that many functions share. */
export const kinds = {
  callback: kind('a function', (value) => typeof value === 'function'),
  string: kind('a string', (value) => typeof value === 'string'),
  boolean: kind('true or false', (value) => typeof value === 'boolean'),
  number: kind('a number', (value) => typeof value === 'number'),
  finiteNumber: kind('a finite number', Number.isFinite),
  positiveInteger: kind(
    'an integer of at least 1',
    (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  ),
  nonNegativeInteger: kind(
    'an integer of at least 0',
    (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  ),
  array: kind('an array', Array.isArray),
  strings: kind(
    'a list of strings',
    (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  ),
  bytes: kind('a Uint8Array', (value) => value instanceof Uint8Array),
  object: kind('an object', (value) => typeof value === 'object' && value !== null),
  abortSignal: kind(
    'an AbortSignal, such as the "signal" of an AbortController',
    (value) => value instanceof AbortSignal,
  ),
} as const satisfies Readonly<Record<string, Kind>>;

/** What an option accepts: anything, values of a kind, or with `required()` all but undefined. */
type OptionRule = true | Kind | Parameter;

/** The keys of an options object. */
type OptionRules = Readonly<Record<string, OptionRule>>;

/** One parameter of a public function. */
export interface Parameter {
  readonly presence: 'required' | 'optional' | 'rest';
  /** Default: any value. */
  readonly kind?: Kind | undefined;
  /** For an options object: its keys. */
  readonly keys?: OptionRules | undefined;
  /** For an options object: what may be passed in its place. */
  readonly shorthand?: Kind | undefined;
}

/** The parameters of a public function by name, in their order. */
export type ParameterList = Readonly<Record<string, Parameter>>;

/** A parameter that must not be undefined. */
export const required = (kind?: Kind): Parameter => ({ presence: 'required', kind });

/** A parameter that may be undefined. */
export const optional = (kind?: Kind): Parameter => ({ presence: 'optional', kind });

/** Any number of further arguments. */
export const rest = (kind?: Kind): Parameter => ({ presence: 'rest', kind });

/**
 * An options object that may be left out. The table must have every key of `Options`.
 *
 * @param shorthand what may be passed in its place
 */
export const options = <Options>(
  keys: { readonly [Key in keyof Required<Options>]: OptionRule },
  shorthand?: Kind,
): Parameter => ({ presence: 'optional', keys, shorthand });

/** An options object that must be passed. The table must have every key of `Options`. */
export const requiredOptions = <Options>(
  keys: {
    readonly [Key in keyof Required<Options>]: OptionRule;
  },
): Parameter => ({ presence: 'required', keys });

/** Describes a value in an error message. */
export const describeArgument = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `an instance of ${name}` : 'an object';
};

const assertKind = (subject: string, value: unknown, { expected, accepts }: Kind): void => {
  if (accepts(value)) return;
  const actual = describeArgument(value);
  throw new ArgumentError({ subject, expected, actual, fix: `Pass ${expected}.` });
};

const assertOptions = (
  method: string,
  parameter: string,
  value: unknown,
  keys: OptionRules,
): void => {
  const names = Object.keys(keys);
  const subject = `"${parameter}" of ${method}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const [first] = names;
    const isNameable = first !== undefined && (typeof value !== 'object' || value === null);
    throw new ArgumentError({
      subject,
      expected: names.length > 0 ? `an object with ${listNames(names)}` : 'an object',
      actual: describeArgument(value),
      fix: isNameable
        ? `Name the option, as in { ${first}: ${describeArgument(value)} }.`
        : 'Pass an object.',
    });
  }
  for (const [key, option] of Object.entries(value)) {
    const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (known === undefined) {
      // Such as a tensor, whose fields mean nothing to the caller.
      const described = describeArgument(value);
      if (described !== 'an object' && names[0] !== undefined) {
        throw new ArgumentError({
          subject,
          expected: `an object with ${listNames(names)}`,
          actual: described,
          fix: `Name the option, as in { ${names[0]}: … }.`,
        });
      }
      throw new ArgumentError({
        subject,
        expected: names.length > 0 ? `only ${listNames(names, 12)}` : 'an empty object',
        actual: `"${key}"`,
        fix: names.length > 0 ? didYouMean(key, names) : 'Remove it.',
      });
    }
    const kind = known === true || 'accepts' in known ? known : known.kind;
    if (kind !== true && kind !== undefined && option !== undefined) {
      assertKind(`option "${key}" of ${method}`, option, kind);
    }
  }
  for (const [key, rule] of Object.entries(keys)) {
    const isRequired = rule !== true && 'presence' in rule && rule.presence === 'required';
    if (!isRequired || Reflect.get(value, key) !== undefined) continue;
    throw new ArgumentError({
      subject: `option "${key}" of ${method}`,
      expected: rule.kind?.expected ?? 'a value',
      actual: 'nothing',
      fix: `Pass "${key}".`,
    });
  }
};

const signatureOf = (parameters: ParameterList): string =>
  Object.entries(parameters)
    .map(([name, { presence }]) =>
      presence === 'rest' ? `...${name}` : presence === 'optional' ? `${name}?` : name,
    )
    .join(', ');

/** Checks the arguments of one function. Prepared once, since some functions are called at each step. */
class ArgumentChecker {
  readonly #method: string;
  readonly #signature: string;
  readonly #parameters: readonly (Parameter & { readonly parameter: string })[];
  readonly #maximum: number;

  constructor(method: string, parameters: ParameterList) {
    this.#method = method;
    this.#signature = signatureOf(parameters);
    this.#parameters = Object.entries(parameters).map(([parameter, rules]) => ({
      parameter,
      ...rules,
    }));
    const hasRest = this.#parameters.at(-1)?.presence === 'rest';
    this.#maximum = hasRest ? Number.POSITIVE_INFINITY : this.#parameters.length;
  }

  /** @throws ArgumentError */
  check(args: ArrayLike<unknown>): void {
    if (args.length > this.#maximum) this.#reject(args);
    for (let index = 0; index < this.#parameters.length; index++) {
      const rules = this.#parameters[index];
      if (rules === undefined) continue;
      const value = args[index];
      if (rules.presence === 'rest') this.#checkRest(args, index, rules);
      else if (value !== undefined) this.#checkValue(value, rules);
      else if (rules.presence === 'required') this.#rejectMissing(index < args.length, rules);
    }
  }

  #checkValue(value: unknown, rules: Parameter & { readonly parameter: string }): void {
    const { parameter, keys, kind, shorthand } = rules;
    if (shorthand?.accepts(value)) return;
    if (keys !== undefined) assertOptions(this.#method, parameter, value, keys);
    if (kind !== undefined && !kind.accepts(value)) {
      assertKind(`"${parameter}" of ${this.#method}`, value, kind);
    }
  }

  #checkRest(args: ArrayLike<unknown>, start: number, { kind }: Parameter): void {
    if (kind === undefined) return;
    for (let at = start; at < args.length; at++) {
      assertKind(`argument ${at + 1} of ${this.#method}`, args[at], kind);
    }
  }

  #reject(args: ArrayLike<unknown>): never {
    const most = this.#maximum;
    const noun = most === 1 ? 'argument' : 'arguments';
    throw new ArgumentError({
      subject: this.#method,
      expected: most === 0 ? 'no arguments' : `at most ${most} ${noun} (${this.#signature})`,
      actual: `${args.length}`,
      fix: `Remove ${describeArgument(args[most])}${args.length > most + 1 ? ' and what follows' : ''}.`,
    });
  }

  #rejectMissing(isPassed: boolean, rules: Parameter & { readonly parameter: string }): never {
    throw new ArgumentError({
      subject: `"${rules.parameter}" of ${this.#method}`,
      expected: rules.kind?.expected ?? (rules.keys ? 'an object' : 'a value'),
      actual: isPassed ? 'undefined' : 'nothing',
      fix: `Call it with (${this.#signature}).`,
    });
  }
}

/**
 * Asserts that the arguments of a call fit the parameters, so that none is ignored.
 *
 * Use it in a constructor, as `assertArguments('new Thing()', arguments, { … })`; use `checkedFunction` and
 * `checkMethods` otherwise, which prepare the check once.
 *
 * @param method the name of the function in messages, such as `shuffle()`
 * @throws ArgumentError
 */
export const assertArguments = (
  method: string,
  args: ArrayLike<unknown>,
  parameters: ParameterList,
): void => new ArgumentChecker(method, parameters).check(args);

/**
 * A function that refuses missing, superfluous, and unknown arguments, and is otherwise `fn`.
 *
 * @param method its name in messages, such as `shuffle()`
 * @example
 * export const saveEveryNSteps = checkedFunction('saveEveryNSteps()', { n: required() }, (n: number) => …);
 */
export const checkedFunction = <F extends (...args: never[]) => unknown>(
  method: string,
  parameters: ParameterList,
  fn: F,
): F => {
  const checker = new ArgumentChecker(method, parameters);
  return new Proxy(fn, {
    apply: (target, self, args: unknown[]) => {
      checker.check(args);
      return Reflect.apply(target, self, args);
    },
  });
};

/**
 * Like `checkedFunction`, for a function that returns a promise: it rejects rather than throws.
 */
export const checkedAsyncFunction = <F extends (...args: never[]) => Promise<unknown>>(
  method: string,
  parameters: ParameterList,
  fn: F,
): F => {
  const checker = new ArgumentChecker(method, parameters);
  return new Proxy(fn, {
    apply: async (target, self, args: unknown[]) => {
      checker.check(args);
      return Reflect.apply(target, self, args);
    },
  });
};

type MethodName<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends (...args: never[]) => unknown ? K : never;
}[keyof T];

/** The parameters of some methods of an object. */
type MethodTable<T> = { readonly [K in MethodName<T>]?: ParameterList };

const isCallable = (value: unknown): value is (...args: never[]) => Promise<unknown> =>
  typeof value === 'function';

const replaceMethods = <T extends object>(
  target: T,
  label: string,
  methods: MethodTable<T>,
  check: typeof checkedAsyncFunction,
): void => {
  for (const [name, parameters] of Object.entries<ParameterList | undefined>(methods)) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    const method: unknown = descriptor?.value;
    if (parameters === undefined || !isCallable(method)) {
      throw new TypeError(`checkMethods(): "${label}${name}" is not an own method.`);
    }
    const value = check(`${label}${name}()`, parameters, method);
    Object.defineProperty(target, name, { ...descriptor, value });
  }
};

/**
 * Makes methods refuse missing, superfluous, and unknown arguments. Call it once, after the class.
 *
 * @param target a prototype, or a class for its static methods, or an object of functions
 * @param label what precedes the method's name in messages, such as `dataset.`; may be empty
 * @example
 * checkMethods(Dataset.prototype, 'dataset.', {
 *   shuffle: { bufferSize: required(), options: options<ShuffleOptions>({ seed: true }) },
 * });
 */
export const checkMethods = <T extends object>(
  target: T,
  label: string,
  methods: MethodTable<T>,
): void => replaceMethods(target, label, methods, checkedFunction);

/** Like `checkMethods`, for methods that return promises: they reject rather than throw. */
export const checkAsyncMethods = <T extends object>(
  target: T,
  label: string,
  methods: MethodTable<T>,
): void => replaceMethods(target, label, methods, checkedAsyncFunction);
