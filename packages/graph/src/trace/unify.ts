import { describeSizes } from '../ir/symbolic-numbers';
import type {
  AttributeValue,
  ConstantValues,
  GraphNode,
  Signature,
  SymbolicNumber,
  TensorType,
} from '../ir/types';
import { assertRepeats, assertSameSequence, assertShapesAreStatic } from './compare-calls';
import { inferInSizes, type SizeSample } from './infer-sizes';
import { operationNames } from './names';
import { sameValues } from './recorded-values';
import type {
  RecordedConstant,
  RecordedKernel,
  RecordedNode,
  RecordedVariable,
  Recording,
} from './recording';
import { untraceable } from './untraceable';

/** One step of the function, in all calls. */
interface RepeatedStep<N extends RecordedNode = RecordedNode> {
  readonly name: string;
  /** In the first call. */
  readonly first: N;
  readonly all: readonly N[];
}

type AttributeObject = { readonly [key: string]: AttributeValue };

const isObject = (value: AttributeValue): value is AttributeObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: AttributeValue): value is readonly AttributeValue[] => Array.isArray(value);

/** Unifies the recordings of several calls into nodes whose numbers may depend on the open dimensions. */
class Unifier {
  readonly #recordings: readonly Recording[];
  readonly #names: readonly string[];
  readonly #maxConstantBytes: number;
  readonly #strides: readonly number[];

  constructor(
    recordings: readonly Recording[],
    names: readonly string[],
    maxConstantBytes: number,
    strides: readonly number[],
  ) {
    this.#strides = strides;
    this.#recordings = recordings;
    this.#names = names;
    this.#maxConstantBytes = maxConstantBytes;
  }

  nodes(): GraphNode[] {
    const [first] = this.#recordings;
    return (first?.nodes ?? []).map((node, index) =>
      this.#node({
        name: this.#names[index] ?? '',
        first: node,
        all: this.#recordings.flatMap(({ nodes }) => nodes[index] ?? []),
      }),
    );
  }

  #node(step: RepeatedStep): GraphNode {
    const { name, first } = step;
    const types = this.#types(step);
    if (first.kind === 'kernel') return this.#kernel(name, first, step.all, types);
    const [type] = types;
    if (type === undefined) throw new RangeError(`Operation "${name}" has no output.`);
    const outputs: readonly [TensorType] = [type];
    switch (first.kind) {
      case 'placeholder':
        return { kind: 'placeholder', name, outputs };
      case 'variable':
        return { kind: 'variable', name, trainable: first.variable.trainable, outputs };
      case 'constant':
        return { kind: 'constant', name, values: this.#values(step), outputs };
      case 'random': {
        const { distribution, parameters, index } = first;
        return { kind: 'random', name, distribution, parameters, index, outputs };
      }
    }
  }

  #kernel(
    name: string,
    { kernel, inputs }: RecordedKernel,
    calls: readonly RecordedNode[],
    outputs: TensorType[],
  ): GraphNode {
    const all = calls.map((node) => (node.kind === 'kernel' ? node.attributes : {}));
    const attributes = this.#attribute(name, '', all) as AttributeObject;
    return { kind: 'kernel', name, kernel, inputs, attributes, outputs };
  }

  #types({ name, first, all }: RepeatedStep): TensorType[] {
    return first.outputs.map(({ dtype, shape }, output) => ({
      dtype,
      shape: shape.map((_, axis) =>
        this.#number(
          name,
          `dimension ${axis} of a shape`,
          all.map(({ outputs }) => outputs[output]?.shape[axis] ?? Number.NaN),
        ),
      ),
    }));
  }

  /**
   * @param part names the number, for errors
   * @param values the number in each call
   */
  #number(
    name: string,
    part: string,
    values: readonly number[],
    stored?: typeof Math.fround,
  ): SymbolicNumber {
    const samples = this.#samples(values);
    const number = inferInSizes(samples, this.#strides, stored);
    if (number !== undefined) return number;
    const observed = samples.map(({ sizes, value }) => `${value} at ${describeSizes(sizes)}`);
    throw untraceable.batchDependence(name, part, observed.join(', '));
  }

  #samples(values: readonly number[]): SizeSample[] {
    return values.flatMap((value, call) => {
      const sizes = this.#recordings[call]?.sizes;
      return sizes ? [{ sizes, value }] : [];
    });
  }

  /**
   * @param path of the attribute; empty for the object of all attributes
   * @param values the attribute in each call
   */
  #attribute(name: string, path: string, values: readonly AttributeValue[]): AttributeValue {
    const [first] = values;
    const part = path === '' ? 'its attributes' : `the attribute ${path}`;
    if (typeof first === 'number' && values.every((value) => typeof value === 'number')) {
      return this.#number(name, part, values);
    }
    if (isList(first) && values.every(isList)) {
      if (values.every(({ length }) => length === first.length)) {
        return first.map((_, index) =>
          this.#attribute(
            name,
            `${path}[${index}]`,
            values.map((value) => value[index]),
          ),
        );
      }
    } else if (isObject(first) && values.every(isObject)) {
      const keys = Object.keys(first);
      if (values.every((value) => Object.keys(value).join() === keys.join())) {
        return Object.fromEntries(
          keys.map((key) => [
            key,
            this.#attribute(
              name,
              path === '' ? key : `${path}.${key}`,
              values.map((value) => value[key]),
            ),
          ]),
        );
      }
    } else if (values.every((value) => Object.is(value, first))) return first;
    const observed = this.#recordings.map(
      ({ sizes }, call) => `${JSON.stringify(values[call])} at ${describeSizes(sizes)}`,
    );
    throw untraceable.batchDependence(name, part, observed.join(', '));
  }

  #values({ name, first, all: nodes }: RepeatedStep): ConstantValues {
    const all = nodes.filter((node): node is RecordedConstant => node.kind === 'constant');
    const fills = all.flatMap(({ values }) => (values.kind === 'fill' ? [values.fill] : []));
    if (fills.length === all.length && fills.every((fill) => typeof fill === 'number')) {
      const stored = first.outputs[0]?.dtype === 'float32' ? Math.fround : undefined;
      return { fill: this.#number(name, 'a constant', fills, stored) };
    }
    const [constant] = all;
    const isSame =
      constant && sameSize(all) && all.every(({ values }) => sameValues(values, constant.values));
    if (!isSame) throw untraceable.batchConstant(name, first);
    const { values, isCaptured } = constant;
    switch (values.kind) {
      case 'large':
        throw untraceable.tooLarge(name, values.bytes, this.#maxConstantBytes, isCaptured);
      case 'list':
        return values.list;
      case 'fill':
        return { fill: values.fill };
    }
  }
}

const sameSize = (all: readonly RecordedConstant[]): boolean => {
  const [shape, ...otherShapes] = all.map(({ outputs }) => String(outputs[0]?.shape));
  const isFill = all.every(({ values }) => values.kind === 'fill');
  return isFill || otherShapes.every((other) => other === shape);
};

/** The names of placeholders and variables, by index. */
const fixedNames = (
  { nodes }: Recording,
  variableName: (node: RecordedVariable) => string,
): Map<number, string> => {
  const names = new Map<number, string>();
  const taken = new Set<string>();
  nodes.forEach((node, index) => {
    if (node.kind !== 'placeholder' && node.kind !== 'variable') return;
    const name = node.kind === 'placeholder' ? node.name : variableName(node);
    if (taken.has(name)) throw untraceable.sameName(name);
    taken.add(name);
    names.set(index, name);
  });
  return names;
};

/** The graph of a function. */
interface UnifiedCalls {
  readonly nodes: readonly GraphNode[];
  readonly signature: Signature;
}

interface UnifyOptions {
  readonly variableName: (node: RecordedVariable) => string;
  readonly maxConstantBytes: number;
  /** By which the sizes of open dimensions may be divided. */
  readonly strides: readonly number[];
}

/**
 * Unifies pruned recordings of one function into nodes for any sizes.
 *
 * @param repeated a call at the sizes of the first one, with other inputs
 * @param others calls at other sizes, as `inferInSizes` takes them; none if no dimension is open
 * @throws TraceError if the calls differ in a way that the sizes do not explain
 */
export const unify = (
  first: Recording,
  repeated: Recording,
  others: readonly Recording[],
  { variableName, maxConstantBytes, strides }: UnifyOptions,
): UnifiedCalls => {
  const fixed = fixedNames(first, variableName);
  const names = operationNames(first.nodes, fixed);
  assertShapesAreStatic(names, first);
  assertRepeats(names, first, repeated);
  for (const other of others) {
    const when = `at ${describeSizes(first.sizes)} and ${describeSizes(other.sizes)}`;
    assertSameSequence(names, first, other, when);
  }
  const nodes = new Unifier([first, ...others], names, maxConstantBytes, strides).nodes();
  const updates = first.updates.flatMap(({ variable, value }) => {
    const index = first.nodes.findIndex(
      (node) => node.kind === 'variable' && node.variable === variable,
    );
    const name = fixed.get(index);
    return name === undefined || value.node === index ? [] : [{ variable: name, value }];
  });
  const inputs = first.nodes.flatMap((node) => (node.kind === 'placeholder' ? [node.name] : []));
  return { nodes, signature: { inputs, outputs: first.outputs, updates } };
};
