import { ExplainedError } from '@elistimator/internal';
import type { DType } from '@elistimator/protos';
import { isSymbolicNumber } from '../ir/symbolic-numbers';
import type {
  AttributeValue,
  KernelNode,
  SymbolicNumber,
  TensorRef,
  TensorType,
} from '../ir/types';
import {
  type GraphBuilder,
  type LoweredTensor,
  type OpParts,
  typeAttribute,
} from './graph-builder';

/** A kernel of tfjs that TensorFlow's session can't run. */
export class LoweringError extends ExplainedError {
  override readonly name = 'LoweringError';
  /** The name of the operation in the graph. */
  readonly operation: string;

  constructor(operation: string, kernel: string, expected: string, actual: string) {
    super({
      subject: `operation "${operation}" (${kernel})`,
      expected,
      actual,
      fix: 'Run the graph by replay instead, or replace the operation in the model.',
    });
    this.operation = operation;
  }
}

/** Where the tensors of earlier nodes are found. */
export interface LoweredNodes {
  tensor(ref: TensorRef): LoweredTensor;
  type(ref: TensorRef): TensorType;
}

/** A call of a kernel that is being lowered: its inputs and attributes, and the graph to build. */
export class KernelLowering {
  readonly b: GraphBuilder;
  readonly node: KernelNode;
  readonly #nodes: LoweredNodes;

  constructor(node: KernelNode, builder: GraphBuilder, nodes: LoweredNodes) {
    this.node = node;
    this.b = builder;
    this.#nodes = nodes;
  }

  /** @throws LoweringError */
  fail(expected: string, actual: string): never {
    throw new LoweringError(this.node.name, this.node.kernel, expected, actual);
  }

  #ref(name: string): TensorRef | undefined {
    const input = this.node.inputs[name];
    if (input === null || input === undefined) return undefined;
    if ('node' in input) return input;
    return this.fail(`one tensor as "${name}"`, 'a list');
  }

  /** An input that is always there. */
  input(name: string): LoweredTensor {
    return this.optional(name) ?? this.fail(`an input "${name}"`, 'none');
  }

  optional(name: string): LoweredTensor | undefined {
    const ref = this.#ref(name);
    return ref && this.#nodes.tensor(ref);
  }

  typeOf(name: string): TensorType {
    const ref = this.#ref(name);
    return ref ? this.#nodes.type(ref) : this.fail(`an input "${name}"`, 'none');
  }

  rankOf(name: string): number {
    return this.typeOf(name).shape.length;
  }

  /** The inputs of a kernel that takes a list. */
  get list(): readonly LoweredTensor[] {
    return Object.values(this.node.inputs).flatMap((input) => {
      if (input === null) return [];
      return 'node' in input
        ? [this.#nodes.tensor(input)]
        : input.map((ref) => this.#nodes.tensor(ref));
    });
  }

  /** The type of the first output. */
  get output(): TensorType {
    return this.node.outputs[0] ?? this.fail('an output', 'none');
  }

  /** An attribute; undefined if it is absent or null. */
  attribute(name: string): AttributeValue {
    const { attributes } = this.node;
    return Object.hasOwn(attributes, name) ? (attributes[name] ?? undefined) : undefined;
  }

  /** A number that does not depend on open dimensions. */
  number(name: string, fallback?: number): number {
    const value = this.attribute(name) ?? fallback;
    return typeof value === 'number' ? value : this.#wrong(name, 'a number', value);
  }

  symbolic(name: string): SymbolicNumber {
    const value = this.attribute(name);
    return isSymbolicNumber(value) ? value : this.#wrong(name, 'a number', value);
  }

  boolean(name: string): boolean {
    return this.attribute(name) === true;
  }

  text(name: string): string {
    const value = this.attribute(name);
    return typeof value === 'string' ? value : this.#wrong(name, 'a text', value);
  }

  /** A list of numbers; a single number counts as a list of `count`. */
  numbers(name: string, count = 1): readonly number[] {
    const values = this.symbolics(name, count);
    const numbers = values.filter((value) => typeof value === 'number');
    return numbers.length === values.length
      ? numbers
      : this.fail(`"${name}" not to depend on the sizes of a batch`, 'a size that does');
  }

  symbolics(name: string, count = 1): readonly SymbolicNumber[] {
    const value = this.attribute(name);
    if (isSymbolicNumber(value)) return Array<SymbolicNumber>(count).fill(value);
    if (!Array.isArray(value)) return this.#wrong(name, 'a list of numbers', value);
    return value.map((part: AttributeValue) =>
      isSymbolicNumber(part) ? part : this.#wrong(name, 'a list of numbers', part),
    );
  }

  /** A list of pairs of numbers, such as paddings. */
  pairs(name: string): readonly (readonly SymbolicNumber[])[] {
    const value = this.attribute(name);
    if (!Array.isArray(value)) return this.#wrong(name, 'a list of pairs', value);
    return value.map((pair: AttributeValue) => {
      if (!Array.isArray(pair) || !pair.every(isSymbolicNumber)) {
        return this.#wrong(name, 'a list of pairs', pair);
      }
      return pair;
    });
  }

  #wrong(name: string, expected: string, actual: unknown): never {
    return this.fail(`${expected} as "${name}"`, String(JSON.stringify(actual)));
  }

  /** Adds the operation that has the node's own name. Call it once. */
  results(op: string, parts: OpParts): LoweredTensor[] {
    return this.b.named(this.node.name, op, parts);
  }

  /** {@link results} with one output. */
  result(op: string, parts: OpParts): LoweredTensor[] {
    return this.results(op, parts);
  }

  /** The most common operation: `T` is the dtype of the first input and of the output. */
  apply(
    op: string,
    inputs: readonly LoweredTensor[],
    attributes: OpParts['attributes'] = {},
    outputs?: readonly DType[],
  ): LoweredTensor[] {
    const [first] = inputs;
    const parts: OpParts = {
      inputs,
      attributes: { ...(first && { T: typeAttribute(first.dtype) }), ...attributes },
    };
    return this.results(op, outputs ? { ...parts, outputs } : parts);
  }

  /** Gives a tensor that is computed already the node's own name. */
  alias(tensor: LoweredTensor): LoweredTensor[] {
    return this.apply('Identity', [tensor]);
  }
}

/** Adds the operations of one kernel and returns its outputs. */
export type LowerKernel = (call: KernelLowering) => readonly LoweredTensor[];
