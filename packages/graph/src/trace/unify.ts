import type {
  AttributeValue,
  ConstantValues,
  GraphNode,
  Signature,
  Sized,
  TensorSpec,
} from '../graph/types';
import { checkRepeated, checkSequence, checkShapes } from './compare-calls';
import { sameValues } from './constant-values';
import { inferSized, type Sample } from './infer-sized';
import { operationNames } from './operation-names';
import type { RecordedConstant, RecordedNode, RecordedVariable, Recording } from './recording';
import { refuse } from './refusals';

/** The same step in every call: `first` is the one of the first call. */
interface Step<N extends RecordedNode = RecordedNode> {
  readonly name: string;
  readonly first: N;
  readonly all: readonly N[];
}

type AttributeObject = { readonly [key: string]: AttributeValue };

const isObject = (value: AttributeValue): value is AttributeObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: AttributeValue): value is readonly AttributeValue[] => Array.isArray(value);

/** Joins the recordings of several calls into nodes in which the batch size is a variable. */
class Unifier {
  readonly #recordings: readonly Recording[];
  readonly #names: readonly string[];
  readonly #maxConstantBytes: number;

  constructor(
    recordings: readonly Recording[],
    names: readonly string[],
    maxConstantBytes: number,
  ) {
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

  #node(step: Step): GraphNode {
    const { name, first } = step;
    const outputs = this.#specs(step);
    const [spec] = outputs;
    if (spec === undefined || first.kind === 'kernel') return this.#kernel(step, outputs);
    const single: readonly [TensorSpec] = [spec];
    switch (first.kind) {
      case 'placeholder':
        return { kind: 'placeholder', name, outputs: single };
      case 'variable':
        return { kind: 'variable', name, trainable: first.variable.trainable, outputs: single };
      case 'constant':
        return { kind: 'constant', name, values: this.#values(step), outputs: single };
      case 'random': {
        const { distribution, parameters, index } = first;
        return { kind: 'random', name, distribution, parameters, index, outputs: single };
      }
    }
  }

  #kernel(step: Step, outputs: TensorSpec[]): GraphNode {
    const { name, first } = step;
    const { kernel, inputs } = first as RecordedNode & { kind: 'kernel' };
    const all = step.all.map((node) => (node.kind === 'kernel' ? node.attributes : {}));
    const attributes = this.#attribute(name, 'its attributes', all) as AttributeObject;
    return { kind: 'kernel', name, kernel, inputs, attributes, outputs };
  }

  #specs({ name, first, all }: Step): TensorSpec[] {
    return first.outputs.map(({ dtype, shape }, output) => ({
      dtype,
      shape: shape.map((_, axis) =>
        this.#sized(
          name,
          `dimension ${axis} of a shape`,
          all.map(({ outputs }) => outputs[output]?.shape[axis] ?? Number.NaN),
        ),
      ),
    }));
  }

  /** @param values the number in each call */
  #sized(
    name: string,
    what: string,
    values: readonly number[],
    stored?: typeof Math.fround,
  ): Sized {
    const samples = this.#samples(values);
    const sized = inferSized(samples, stored);
    if (sized !== undefined) return sized;
    const shown = samples.map(({ batchSize, value }) => `${value} at batch size ${batchSize}`);
    throw refuse.batchDependence(name, what, shown.join(', '));
  }

  #samples(values: readonly number[]): Sample[] {
    return values.map((value, call) => ({
      batchSize: this.#recordings[call]?.batchSize ?? 0,
      value,
    }));
  }

  /** @param values the attribute in each call */
  #attribute(name: string, path: string, values: readonly AttributeValue[]): AttributeValue {
    const [first] = values;
    if (typeof first === 'number' && values.every((value) => typeof value === 'number')) {
      return this.#sized(name, path, values);
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
              path === 'its attributes' ? `the attribute ${key}` : `${path}.${key}`,
              values.map((value) => value[key]),
            ),
          ]),
        );
      }
    } else if (values.every((value) => Object.is(value, first))) return first;
    const shown = this.#recordings.map(
      ({ batchSize }, call) => `${JSON.stringify(values[call])} at batch size ${batchSize}`,
    );
    throw refuse.batchDependence(name, path, shown.join(', '));
  }

  #values({ name, first, all: nodes }: Step): ConstantValues {
    const all = nodes.filter((node): node is RecordedConstant => node.kind === 'constant');
    const fills = all.flatMap(({ values }) => (values.kind === 'fill' ? [values.fill] : []));
    if (fills.length === all.length && fills.every((fill) => typeof fill === 'number')) {
      const stored = first.outputs[0]?.dtype === 'float32' ? Math.fround : undefined;
      return { fill: this.#sized(name, 'a constant', fills, stored) };
    }
    const [constant] = all;
    const isSame =
      constant && sameSize(all) && all.every(({ values }) => sameValues(values, constant.values));
    if (!isSame) throw refuse.batchConstant(name, first);
    const { values, captured } = constant;
    switch (values.kind) {
      case 'large':
        throw refuse.tooLarge(name, values.bytes, this.#maxConstantBytes, captured);
      case 'list':
        return values.list;
      case 'fill':
        return { fill: values.fill };
    }
  }
}

const sameSize = (all: readonly RecordedConstant[]): boolean => {
  const shapes = all.map(({ outputs }) => String(outputs[0]?.shape));
  const isUniform = all.every(({ values }) => values.kind === 'fill');
  return isUniform || shapes.every((shape) => shape === shapes[0]);
};

const givenNames = (
  { nodes }: Recording,
  variableName: (node: RecordedVariable) => string,
): Map<number, string> => {
  const given = new Map<number, string>();
  const taken = new Set<string>();
  nodes.forEach((node, index) => {
    if (node.kind !== 'placeholder' && node.kind !== 'variable') return;
    const name = node.kind === 'placeholder' ? node.name : variableName(node);
    if (taken.has(name)) throw refuse.sameName(name);
    taken.add(name);
    given.set(index, name);
  });
  return given;
};

/** What several calls of one function have in common. */
export interface Unified {
  readonly nodes: readonly GraphNode[];
  readonly signature: Signature;
}

/** How {@link unify} goes about it. */
export interface UnifyOptions {
  readonly variableName: (node: RecordedVariable) => string;
  readonly maxConstantBytes: number;
}

/**
 * Joins recordings of one function, without what no output needs, into nodes for any batch size.
 *
 * @param repeated a call at the first one's batch size, with other inputs
 * @param others calls at other batch sizes: none when no input has a batch size, else three or more
 * @throws TraceError when the calls differ in a way that the batch size does not explain
 */
export const unify = (
  first: Recording,
  repeated: Recording,
  others: readonly Recording[],
  { variableName, maxConstantBytes }: UnifyOptions,
): Unified => {
  const given = givenNames(first, variableName);
  const names = operationNames(first.nodes, given);
  checkShapes(names, first);
  checkRepeated(names, first, repeated);
  for (const other of others) {
    const when = `at batch sizes ${first.batchSize} and ${other.batchSize}`;
    checkSequence(names, first, other, when);
  }
  const nodes = new Unifier([first, ...others], names, maxConstantBytes).nodes();
  const updates = first.updates.flatMap(({ variable, value }) => {
    const index = first.nodes.findIndex(
      (node) => node.kind === 'variable' && node.variable === variable,
    );
    const name = given.get(index);
    return name === undefined || value.node === index ? [] : [{ variable: name, value }];
  });
  const inputs = first.nodes.flatMap((node) => (node.kind === 'placeholder' ? [node.name] : []));
  return { nodes, signature: { inputs, outputs: first.outputs, updates } };
};
