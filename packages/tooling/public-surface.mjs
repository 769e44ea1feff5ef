// Finds the functions of a package that would ignore an argument: each is called with far too many, and has
// to refuse them before it does anything else.

/** More arguments than any function takes. All are undefined, so that none fails for another reason. */
const surplus = Array(40).fill(undefined);

const isRefusal = (error) =>
  error instanceof Error && /expected (at most \d+ argument|no arguments)/.test(error.message);

const isClass = (value) => /^class\b/.test(Function.prototype.toString.call(value));

const isError = (value) => value === Error || value.prototype instanceof Error;

/** Whether a call refuses superfluous arguments, by throwing or by rejecting. */
const refuses = async (call) => {
  try {
    await call();
    return false;
  } catch (error) {
    return isRefusal(error);
  }
};

/** The own methods of an object, without getters and without symbols. */
const methodsOf = (object) =>
  Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([name, { value }]) =>
    typeof value === 'function' && name !== 'constructor' ? [[name, value]] : [],
  );

async function* candidates(path, value) {
  if (typeof value === 'function' && !isClass(value)) {
    yield [`${path}()`, () => Reflect.apply(value, undefined, surplus)];
  } else if (typeof value === 'function') {
    if (isError(value)) return;
    yield [`new ${path}()`, () => Reflect.construct(value, surplus)];
    for (const [name, method] of methodsOf(value)) {
      yield [`${path}.${name}()`, () => Reflect.apply(method, value, surplus)];
    }
    const instance = Object.create(value.prototype);
    for (const [name, method] of methodsOf(value.prototype)) {
      yield [`${path}#${name}()`, () => Reflect.apply(method, instance, surplus)];
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'function') yield* candidates(`${path}.${name}`, member);
    }
  }
}

/**
 * The public functions that accept more arguments than they have parameters: functions, constructors other than
 * those of errors, methods, and functions in exported objects.
 *
 * @param exports the module's namespace
 * @returns names such as `shuffle()`, `new Dataset()`, `Dataset.fromGenerator()`, `Dataset#batch()`, sorted
 */
export const uncheckedFunctions = async (exports) => {
  const unchecked = [];
  for (const [name, value] of Object.entries(exports)) {
    for await (const [subject, call] of candidates(name, value)) {
      if (!(await refuses(call))) unchecked.push(subject);
    }
  }
  return unchecked.sort();
};
