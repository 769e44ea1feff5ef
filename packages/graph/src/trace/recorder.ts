import * as tf from '@tensorflow/tfjs';
import { readsValues } from '../ir/kernels';
import type { Sizes } from '../ir/symbolic-numbers';
import type { DistributionParameters, KernelInput, TensorRef } from '../ir/types';
import { RANDOM_KERNEL, type RandomTensorOptions } from '../random/random-tensor';
import type { DataId, KernelArguments, TfjsEngine } from '../tfjs-internals';
import { nameScopeOf } from './names';
import { byteSize, type RecordedValues, recordAttributes, recordValues } from './recorded-values';
import {
  EMPTY_SCOPE,
  type NameScope,
  type RecordedNode,
  type RecordedTensor,
  type Recording,
} from './recording';
import type { TraceError } from './trace-error';
import { untraceable } from './untraceable';

/** The state that the calls of one trace share. */
export interface TraceState {
  readonly engine: TfjsEngine;
  /** Reads a tensor's values, which the function itself may not. */
  readonly read: TfjsEngine['readSync'];
  /** Tensors made since the trace started have greater ids. */
  readonly startId: number;
  /** The number of the engine's scopes around the trace. */
  readonly outerScopeCount: number;
  readonly maxConstantBytes: number;
  /** The ids of tensors that depend on the values of the inputs of some call. */
  readonly fromInputs: Set<number>;
  /** The values of tensors from outside the function, by id. */
  readonly captured: Map<number, RecordedValues>;
}

/** A kernel that has been called and has not returned. */
interface PendingKernel {
  readonly name: string;
  readonly inputs: Readonly<Record<string, KernelInput>>;
  readonly tensors: readonly tf.Tensor[];
  /** Whether the outputs depend on the values of the function's inputs. */
  readonly isFromInputs: boolean;
  readonly attributes: object | undefined;
  readonly scope: NameScope;
}

const typeOf = ({ dtype, shape }: tf.Tensor): RecordedTensor => ({ dtype, shape: [...shape] });

type InputTensors = tf.Tensor | readonly tf.Tensor[];

const isTensorList = (input: InputTensors): input is readonly tf.Tensor[] => Array.isArray(input);

/** Records one call of the function. */
export class Recorder {
  readonly #state: TraceState;
  readonly #nodes: RecordedNode[] = [];
  readonly #refs = new Map<number, TensorRef>();
  /** From the copies that tfjs makes for a gradient, during a kernel's call, to the tensors copied. */
  readonly #copies = new Map<number, number>();
  readonly #byData = new WeakMap<DataId, TensorRef>();
  readonly #variables = new Map<tf.Variable, TensorRef>();
  readonly #assigned = new Map<tf.Variable, TensorRef>();
  readonly #outer: Recorder | undefined;
  readonly #shared: tf.Tensor[] = [];
  readonly #startId: number;
  #usesEarlierCall = false;

  /** The first thing that can't be traced. It is kept, since the function may catch what is thrown. */
  firstError: TraceError | undefined;

  /** @param outer of the recurrence whose step this recorder records */
  constructor(state: TraceState, outer?: Recorder) {
    this.#state = state;
    this.#outer = outer;
    this.#startId = state.engine.nextTensorId();
  }

  /** A recorder for the step of a recurrence. Tensors from outside the step become operands of it. */
  nested(): Recorder {
    return new Recorder(this.#state, this);
  }

  /** The tensors from outside that the step uses, in the order in which they became operands. */
  get shared(): readonly tf.Tensor[] {
    return this.#shared;
  }

  /** The operations so far. */
  get nodes(): readonly RecordedNode[] {
    return this.#nodes;
  }

  /** The scopes of the operation that is being called. */
  get nameScope(): NameScope {
    return nameScopeOf(this.#state.engine.state.scopeStack, this.#state.outerScopeCount);
  }

  fail(error: TraceError): never {
    this.firstError ??= error;
    if (this.#outer) this.#outer.firstError ??= error;
    throw error;
  }

  addPlaceholder(name: string, tensor: tf.Tensor): void {
    const outputs = [typeOf(tensor)];
    this.#add({ kind: 'placeholder', name, scope: EMPTY_SCOPE, outputs }, [tensor]);
    this.#state.fromInputs.add(tensor.id);
  }

  /** Records a tensor that is made of values in JavaScript. */
  addConstant(tensor: tf.Tensor, values: tf.DataValues | readonly string[]): void {
    this.#add(
      {
        kind: 'constant',
        values: recordValues(values, tensor.dtype, this.#state.maxConstantBytes),
        isCaptured: false,
        scope: this.nameScope,
        outputs: [typeOf(tensor)],
      },
      [tensor],
    );
  }

  /** Looks up a kernel's inputs before the kernel runs, since it may dispose them. */
  beginKernel(
    name: string,
    inputs: KernelArguments,
    attributes: object | undefined,
  ): PendingKernel {
    const scope = this.nameScope;
    const tensors: tf.Tensor[] = [];
    let isFromInputs = false;
    const refOf = (tensor: tf.Tensor, key: string): TensorRef => {
      tensors.push(tensor);
      isFromInputs ||= this.isFromInputs(tensor) && readsValues(name, key);
      return this.refer(tensor, name, scope);
    };
    const refs = Object.entries(inputs).map(([key, input]): [string, KernelInput] => {
      if (input === null || input === undefined) return [key, null];
      if (isTensorList(input)) return [key, input.map((tensor) => refOf(tensor, key))];
      return [key, refOf(input, key)];
    });
    return { name, inputs: Object.fromEntries(refs), tensors, isFromInputs, attributes, scope };
  }

  endKernel(
    { name, inputs, tensors, isFromInputs, attributes = {}, scope }: PendingKernel,
    result: tf.Tensor | tf.Tensor[],
  ): void {
    const results = Array.isArray(result) ? result : [result];
    if (isFromInputs) for (const { id } of results) this.#state.fromInputs.add(id);
    const [x] = Object.values(inputs);
    if (name === tf.Identity && x && 'node' in x) {
      for (const output of results) this.#setRef(output, x);
      return;
    }
    // A kernel may return its input, which is recorded already.
    if (results.every((output) => tensors.includes(output))) return;
    const outputs = results.map(typeOf);
    if (name === RANDOM_KERNEL) {
      if (this.#outer) this.fail(untraceable.stepEffect('draws random numbers'));
      const { distribution, parameters, index } = attributes as RandomTensorOptions;
      const draw = { distribution, parameters: parameters as DistributionParameters, index };
      this.#add({ kind: 'random', ...draw, scope, outputs }, results);
      return;
    }
    const recorded = recordAttributes(attributes);
    if (recorded instanceof Error) this.fail(untraceable.attribute(name, scope, recorded.message));
    this.#add(
      { kind: 'kernel', kernel: name, inputs, attributes: recorded, scope, outputs },
      results,
    );
  }

  /** Records a copy that is made during a kernel's call. */
  addCopy(from: tf.Tensor, to: tf.Tensor): void {
    const ref = this.#knownRef(from);
    if (ref === undefined) this.#copies.set(to.id, from.id);
    else this.#refs.set(to.id, ref);
    if (this.isFromInputs(from)) this.#state.fromInputs.add(to.id);
  }

  /** From now on, the variable stands for the value. */
  addAssignment(variable: tf.Variable, value: tf.Tensor): void {
    const scope = this.nameScope;
    if (this.#outer) this.fail(untraceable.stepEffect(`assigns "${variable.name}"`));
    this.#variable(variable);
    this.#assigned.set(variable, this.refer(value, 'assign', scope));
  }

  /** Whether a tensor depends on the values of the inputs of this call or an earlier one. */
  isFromInputs(tensor: tf.Tensor): boolean {
    return this.#originals(tensor).some((id) => this.#state.fromInputs.has(id));
  }

  /** Whether this call uses constants that an earlier call made, in which that call differed from it. */
  get usesEarlierCall(): boolean {
    return this.#usesEarlierCall;
  }

  /** The node that computed the values. */
  makerOf(dataId: DataId): RecordedNode | undefined {
    const variables = Object.values(tf.engine().registeredVariables);
    const variable = variables.find((candidate) => candidate.dataId === dataId);
    const ref = variable ? this.#variable(variable) : this.#byData.get(dataId);
    return ref && this.#nodes[ref.node];
  }

  /**
   * The tensor of the recording that a tensor stands for. Tensors from outside become constants.
   *
   * @param user the kernel that takes the tensor, for errors
   */
  refer(tensor: tf.Tensor, user: string, scope: NameScope): TensorRef {
    if (tensor.isDisposed) this.fail(untraceable.disposed(user, scope));
    const ref = this.#knownRef(tensor);
    if (ref !== undefined) return ref;
    const isVariable = tensor instanceof tf.Variable;
    if (tensor.id > this.#startId && !isVariable) this.fail(untraceable.unseen(user, scope));
    if (this.#outer) return this.#share(tensor, user, scope, this.#outer);
    if (this.isFromInputs(tensor)) this.fail(untraceable.otherCall(user, scope));
    this.#usesEarlierCall ||= tensor.id > this.#state.startId;
    return this.#add(
      {
        kind: 'constant',
        values: this.#capture(tensor),
        isCaptured: true,
        scope,
        outputs: [typeOf(tensor)],
      },
      [tensor],
    );
  }

  finish(sizes: Sizes, outputs: Readonly<Record<string, TensorRef>>): Recording {
    const updates = [...this.#assigned].map(([variable, value]) => ({ variable, value }));
    return { sizes, nodes: this.#nodes, outputs, updates };
  }

  #knownRef(tensor: tf.Tensor): TensorRef | undefined {
    if (tensor instanceof tf.Variable && !this.#outer) return this.#variable(tensor);
    // The nearest one counts: a kernel may return a copy, of which a gradient then keeps a copy.
    for (const id of this.#originals(tensor)) {
      const ref = this.#refs.get(id);
      if (ref !== undefined) return ref;
    }
    return undefined;
  }

  /** The tensor's id, and the ids of those that it is a copy of, from the nearest to the first. */
  #originals({ id }: tf.Tensor): number[] {
    const ids = [id];
    for (let from = this.#copies.get(id); from !== undefined; from = this.#copies.get(from)) {
      ids.push(from);
    }
    return ids;
  }

  #variable(variable: tf.Variable): TensorRef {
    const current = this.#assigned.get(variable) ?? this.#variables.get(variable);
    if (current !== undefined) return current;
    const outputs = [typeOf(variable)];
    const ref = this.#add({ kind: 'variable', variable, scope: EMPTY_SCOPE, outputs }, []);
    this.#variables.set(variable, ref);
    return ref;
  }

  #share(tensor: tf.Tensor, user: string, scope: NameScope, outer: Recorder): TensorRef {
    outer.refer(tensor, user, scope);
    this.#shared.push(tensor);
    const outputs = [typeOf(tensor)];
    return this.#add({ kind: 'placeholder', name: '', scope: EMPTY_SCOPE, outputs }, [tensor]);
  }

  #capture(tensor: tf.Tensor): RecordedValues {
    const { captured, read, maxConstantBytes } = this.#state;
    const earlier = captured.get(tensor.id);
    if (earlier !== undefined) return earlier;
    const bytes = byteSize(tensor.dtype, tensor.size);
    const values: RecordedValues =
      bytes > maxConstantBytes
        ? { kind: 'large', bytes }
        : recordValues(read(tensor.dataId), tensor.dtype, maxConstantBytes);
    captured.set(tensor.id, values);
    return values;
  }

  #add(node: RecordedNode, tensors: readonly tf.Tensor[]): TensorRef {
    const index = this.#nodes.push(node) - 1;
    tensors.forEach((tensor, output) => {
      this.#setRef(tensor, { node: index, output });
    });
    return { node: index, output: 0 };
  }

  #setRef(tensor: tf.Tensor, ref: TensorRef): void {
    this.#refs.set(tensor.id, ref);
    this.#byData.set(tensor.dataId, ref);
  }
}

/** The recorder of what is being called: of the function, or of the step of a recurrence in it. */
export interface CurrentRecorder {
  recorder: Recorder;
}
