import * as tf from '@tensorflow/tfjs';
import type { DistributionParameters, KernelInput, TensorRef } from '../graph/types';
import { RANDOM_KERNEL, type RandomTensorOptions } from '../random';
import type { DataId, KernelArguments, TfjsEngine } from '../tfjs-internals';
import { attributesOf } from './attributes';
import { byteSize, constantValues } from './constant-values';
import { placeOf } from './place';
import type { Place, RecordedNode, RecordedTensor, RecordedValues, Recording } from './recording';
import { refuse } from './refusals';
import type { TraceError } from './trace-error';

/** What the calls of one trace share. */
export interface TraceSession {
  readonly engine: TfjsEngine;
  /** Reads a tensor's values, which the function itself may not. */
  readonly read: TfjsEngine['readSync'];
  /** Tensors of the trace have greater ids. */
  readonly startId: number;
  /** How many of the engine's scopes are around the trace. */
  readonly baseScope: number;
  readonly maxConstantBytes: number;
  /** Tensors that follow from the inputs of some call, by id. */
  readonly fromInputs: Set<number>;
  /** Constants from outside of the function, by the tensor's id. */
  readonly captured: Map<number, RecordedValues>;
}

/** A kernel's call between its beginning and its end. */
interface PendingKernel {
  readonly name: string;
  readonly inputs: Readonly<Record<string, KernelInput>>;
  readonly tensors: readonly tf.Tensor[];
  readonly attributes: object | undefined;
  readonly place: Place;
}

const specOf = ({ dtype, shape }: tf.Tensor): RecordedTensor => ({ dtype, shape: [...shape] });
const isTensorList = (input: tf.Tensor | readonly tf.Tensor[]): input is readonly tf.Tensor[] =>
  Array.isArray(input);
/** They look at their input's shape alone. */
const shapeOnly = new Set(['ZerosLike', 'OnesLike']);

/** Writes down what one call of the function does. */
export class Recorder {
  readonly #session: TraceSession;
  readonly #nodes: RecordedNode[] = [];
  readonly #refs = new Map<number, TensorRef>();
  /** Copies that tfjs makes within a kernel's call, for the gradient: to the tensor copied. */
  readonly #copies = new Map<number, number>();
  readonly #byData = new WeakMap<DataId, TensorRef>();
  readonly #variables = new Map<tf.Variable, TensorRef>();
  readonly #assigned = new Map<tf.Variable, TensorRef>();
  /** The first thing that can't be traced; kept since the function may catch what is thrown. */
  refusal: TraceError | undefined;
  #usesEarlierCall = false;

  readonly #startId: number;

  constructor(session: TraceSession) {
    this.#session = session;
    this.#startId = session.engine.nextTensorId();
  }

  get place(): Place {
    return placeOf(this.#session.engine.state.scopeStack, this.#session.baseScope);
  }

  /** Keeps the first refusal, and throws it. */
  refuse(error: TraceError): never {
    this.refusal ??= error;
    throw error;
  }

  placeholder(name: string, tensor: tf.Tensor): void {
    const outputs = [specOf(tensor)];
    const place: Place = { scopes: [], op: undefined, innerOp: undefined };
    this.#add({ kind: 'placeholder', name, place, outputs }, [tensor]);
    this.#session.fromInputs.add(tensor.id);
  }

  /** A tensor made of values in JavaScript. */
  constant(tensor: tf.Tensor, values: tf.DataValues | readonly string[]): void {
    const { maxConstantBytes } = this.#session;
    this.#add(
      {
        kind: 'constant',
        values: constantValues(values, tensor.dtype, maxConstantBytes),
        captured: false,
        place: this.place,
        outputs: [specOf(tensor)],
      },
      [tensor],
    );
  }

  /** Looks up a kernel's inputs before it runs; it may free them. */
  begin(name: string, inputs: KernelArguments, attributes: object | undefined): PendingKernel {
    const { place } = this;
    const tensors: tf.Tensor[] = [];
    const refer = (tensor: tf.Tensor): TensorRef => {
      tensors.push(tensor);
      return this.refer(tensor, name, place);
    };
    const refs = Object.entries(inputs).map(([key, input]): [string, KernelInput] => {
      if (input === null || input === undefined) return [key, null];
      return [key, isTensorList(input) ? input.map(refer) : refer(input)];
    });
    return { name, inputs: Object.fromEntries(refs), tensors, attributes, place };
  }

  end(
    { name, inputs, tensors, attributes = {}, place }: PendingKernel,
    result: tf.Tensor | tf.Tensor[],
  ): void {
    const outputs = Array.isArray(result) ? result : [result];
    const { fromInputs } = this.#session;
    if (!shapeOnly.has(name) && tensors.some(({ id }) => fromInputs.has(id))) {
      for (const { id } of outputs) fromInputs.add(id);
    }
    const [x] = Object.values(inputs);
    if (name === tf.Identity && x && !Array.isArray(x)) {
      for (const output of outputs) this.#name(output, x as TensorRef);
      return;
    }
    // A kernel may hand back its very input, which keeps the meaning it has.
    if (outputs.every((output) => tensors.includes(output))) return;
    const specs = outputs.map(specOf);
    if (name === RANDOM_KERNEL) {
      const { distribution, parameters, index } = attributes as RandomTensorOptions;
      const node = { distribution, parameters: parameters as DistributionParameters, index };
      this.#add({ kind: 'random', ...node, place, outputs: specs }, outputs);
      return;
    }
    const known = attributesOf(attributes);
    if (known instanceof Error) this.refuse(refuse.attribute(name, place, known.message));
    this.#add(
      { kind: 'kernel', kernel: name, inputs, attributes: known, place, outputs: specs },
      outputs,
    );
  }

  /** Notes a copy that is made while a kernel's call is under way. */
  copy(from: tf.Tensor, to: tf.Tensor): void {
    const ref = this.#known(from);
    if (ref === undefined) this.#copies.set(to.id, from.id);
    else this.#refs.set(to.id, ref);
    if (this.#session.fromInputs.has(from.id)) this.#session.fromInputs.add(to.id);
  }

  /** From here on, the variable means the value. */
  assign(variable: tf.Variable, value: tf.Tensor): void {
    const { place } = this;
    this.#variable(variable);
    this.#assigned.set(variable, this.refer(value, 'assign', place));
  }

  /** Whether a tensor follows from the inputs of this call or an earlier one. */
  isFromInputs(tensor: tf.Tensor): boolean {
    return this.#session.fromInputs.has(tensor.id);
  }

  /** Whether it takes constants that an earlier call made and kept, which so was not like this one. */
  get usesEarlierCall(): boolean {
    return this.#usesEarlierCall;
  }

  /** The node that made the values, for an error. */
  maker(dataId: DataId): RecordedNode | undefined {
    const variables = Object.values(tf.engine().registeredVariables);
    const variable = variables.find((candidate) => candidate.dataId === dataId);
    const ref = variable ? this.#variable(variable) : this.#byData.get(dataId);
    return ref && this.#nodes[ref.node];
  }

  /** What a tensor means in the graph. */
  refer(tensor: tf.Tensor, user: string, place: Place): TensorRef {
    if (tensor.isDisposed) this.refuse(refuse.disposed(user, place));
    const known = this.#known(tensor);
    if (known !== undefined) return known;
    if (tensor.id > this.#startId) this.refuse(refuse.unseen(user, place));
    if (this.isFromInputs(tensor)) this.refuse(refuse.otherCall(user, place));
    this.#usesEarlierCall ||= tensor.id > this.#session.startId;
    return this.#add(
      {
        kind: 'constant',
        values: this.#capture(tensor),
        captured: true,
        place,
        outputs: [specOf(tensor)],
      },
      [tensor],
    );
  }

  finish(batchSize: number | undefined, outputs: Readonly<Record<string, TensorRef>>): Recording {
    const updates = [...this.#assigned].map(([variable, value]) => ({ variable, value }));
    return { batchSize, nodes: this.#nodes, outputs, updates };
  }

  #known(tensor: tf.Tensor): TensorRef | undefined {
    if (tensor instanceof tf.Variable) return this.#variable(tensor);
    const copied = this.#copies.get(tensor.id);
    return this.#refs.get(copied ?? tensor.id);
  }

  #variable(variable: tf.Variable): TensorRef {
    const current = this.#assigned.get(variable) ?? this.#variables.get(variable);
    if (current !== undefined) return current;
    const place: Place = { scopes: [], op: undefined, innerOp: undefined };
    const ref = this.#add({ kind: 'variable', variable, place, outputs: [specOf(variable)] }, []);
    this.#variables.set(variable, ref);
    return ref;
  }

  #capture(tensor: tf.Tensor): RecordedValues {
    const { captured, read, maxConstantBytes } = this.#session;
    const known = captured.get(tensor.id);
    if (known !== undefined) return known;
    const bytes = byteSize(tensor.dtype, tensor.size);
    const values: RecordedValues =
      bytes > maxConstantBytes
        ? { kind: 'large', bytes }
        : constantValues(read(tensor.dataId), tensor.dtype, maxConstantBytes);
    captured.set(tensor.id, values);
    return values;
  }

  #add(node: RecordedNode, tensors: readonly tf.Tensor[]): TensorRef {
    const place = this.#nodes.push(node) - 1;
    tensors.forEach((tensor, output) => {
      this.#name(tensor, { node: place, output });
    });
    return { node: place, output: 0 };
  }

  #name(tensor: tf.Tensor, ref: TensorRef): void {
    this.#refs.set(tensor.id, ref);
    this.#byData.set(tensor.dataId, ref);
  }
}
