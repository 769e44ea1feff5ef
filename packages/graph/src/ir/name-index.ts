import { didYouMean, listNames } from '@elistimator/internal';
import { UnknownOperationError } from './errors';
import { parseTensorName } from './references';
import type { GraphDefinition, Signature, TensorRef } from './types';

/** Looks up operations, tensors and signatures by name. */
export class NameIndex {
  readonly #graph: GraphDefinition;
  readonly #indices: ReadonlyMap<string, number>;

  constructor(graph: GraphDefinition) {
    this.#graph = graph;
    this.#indices = new Map(graph.nodes.map(({ name }, index) => [name, index]));
  }

  /** @returns the operation's index among the nodes */
  operation(name: string): number {
    const index = this.#indices.get(name);
    if (index !== undefined) return index;
    throw new UnknownOperationError(name, {
      subject: 'the graph',
      expected: `an operation "${name}"`,
      actual: 'none',
      fix: didYouMean(name, [...this.#indices.keys()]),
    });
  }

  signature(name: string): Signature {
    const { signatures } = this.#graph;
    const signature = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
    if (signature !== undefined) return signature;
    const names = Object.keys(signatures);
    throw new UnknownOperationError(name, {
      subject: 'the graph',
      expected: `a signature "${name}"`,
      actual: listNames(names),
      fix: didYouMean(name, names),
    });
  }

  /**
   * A tensor by the name of an output of the signature, of an operation (`dense/MatMul`, or `split:1`
   * for a later output), or of an output of any signature, also as `signature/output`.
   */
  tensor(name: string, signature?: string): TensorRef {
    const outputs = signature === undefined ? {} : this.signature(signature).outputs;
    const ref = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
    return ref ?? this.#ofOperation(name) ?? this.#ofAnySignature(name) ?? this.#unknown(name);
  }

  #ofOperation(name: string): TensorRef | undefined {
    for (const parsed of [{ name, output: 0 }, parseTensorName(name)]) {
      const node = this.#indices.get(parsed.name);
      if (node === undefined) continue;
      const count = this.#graph.nodes[node]?.outputs.length ?? 0;
      if (parsed.output < count) return { node, output: parsed.output };
    }
    return undefined;
  }

  #ofAnySignature(name: string): TensorRef | undefined {
    const matches = new Map<string, { ref: TensorRef; signatures: string[] }>();
    for (const [signature, { outputs }] of Object.entries(this.#graph.signatures)) {
      for (const [output, ref] of Object.entries(outputs)) {
        if (name === `${signature}/${output}`) return ref;
        if (name !== output) continue;
        const key = `${ref.node}:${ref.output}`;
        const match = matches.get(key) ?? { ref, signatures: [] };
        match.signatures.push(signature);
        matches.set(key, match);
      }
    }
    const [first, second] = matches.values();
    if (second === undefined) return first?.ref;
    const owners = [...matches.values()].flatMap(({ signatures }) => signatures);
    throw new UnknownOperationError(name, {
      subject: `the output "${name}"`,
      expected: 'one tensor',
      actual: `different ones in the signatures ${listNames(owners)}`,
      fix: `Ask for "${owners[0]}/${name}", or name the signature in the options.`,
    });
  }

  #unknown(name: string): never {
    const outputs = Object.values(this.#graph.signatures).flatMap((signature) =>
      Object.keys(signature.outputs),
    );
    throw new UnknownOperationError(name, {
      subject: 'the graph',
      expected: `a tensor "${name}"`,
      actual: 'none',
      fix: didYouMean(name, [...new Set([...outputs, ...this.#indices.keys()])]),
    });
  }
}
