import type { Pointer } from '../c-api';
import { ClosedHandleError, TensorflowError } from '../errors';
import type { Runtime } from '../runtime';
import type { SessionConfig } from '../session-config';
import { cName } from './c-strings';
import { attributeTypes, dataTypes } from './constants';
import { type EagerContext, newEagerContext } from './eager-context';
import { SavedModels } from './saved-models';
import { setAttribute } from './set-attribute';
import { TensorHandles } from './tensor-handles';
import type {
  ClosableTfjsBinding,
  OpAttribute,
  TensorBytes,
  TensorMetadata,
} from './tfjs-binding-type';

class EagerBinding {
  readonly #runtime: Runtime;
  readonly #context: EagerContext;
  readonly #tensors: TensorHandles;
  readonly #savedModels: SavedModels;
  #outputs = new BigUint64Array(16);
  readonly #outputCount = new Int32Array(1);
  #closed = false;

  constructor(runtime: Runtime, config: SessionConfig) {
    this.#runtime = runtime;
    this.#context = newEagerContext(runtime, config);
    this.#tensors = new TensorHandles(runtime);
    this.#savedModels = new SavedModels(runtime, config);
    this.TF_Version = runtime.c.TF_Version();
    runtime.handles.count('TFJSBinding', 1);
  }

  readonly TF_Version: string;

  get device(): string {
    return this.#context.device;
  }

  isUsingGpuDevice(): boolean {
    return this.#context.isGpu;
  }

  createTensor(shape: readonly number[], dtype: number, values: unknown): number {
    this.#open();
    const handle = this.#tensors.create(shape, dtype, values);
    // Most kernels for a GPU expect integers in the computer's own memory.
    const stays = dtype === dataTypes.TF_INT32 || dtype === dataTypes.TF_STRING;
    return this.#tensors.add(stays || !this.#context.isGpu ? handle : this.#toDevice(handle));
  }

  deleteTensor(tensorId: number): void {
    this.#open();
    this.#tensors.delete(tensorId);
  }

  tensorDataSync(tensorId: number): TensorBytes {
    this.#open();
    return this.#tensors.read(tensorId);
  }

  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputTensorIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const { c, status } = this.#runtime;
    const op = c.TFE_NewOp(this.#open(), cName(name), status.pointer);
    status.check(name);
    if (op === null) throw new TensorflowError(name, 2, 'It gave no operation, and no reason.');
    if (this.#outputs.length < outputCount) this.#outputs = new BigUint64Array(outputCount);
    this.#outputCount[0] = outputCount;
    try {
      for (const id of inputTensorIds) {
        c.TFE_OpAddInput(op, this.#tensors.get(id), status.pointer);
        status.check(name);
      }
      for (const attribute of attributes) setAttribute(this.#runtime, op, attribute);
      c.TFE_Execute(op, this.#outputs, this.#outputCount, status.pointer);
      status.check(name);
    } finally {
      c.TFE_DeleteOp(op);
    }
    const metadata: TensorMetadata[] = [];
    const count = this.#outputCount[0] ?? 0;
    for (let at = 0; at < count; at++) {
      metadata.push(this.#tensors.describe(this.#outputs[at] ?? 0n));
    }
    return metadata;
  }

  loadSavedModel(directory: string, tags: string): number {
    this.#open();
    return this.#savedModels.load(directory, tags);
  }

  deleteSavedModel(savedModelId: number): void {
    this.#open();
    this.#savedModels.delete(savedModelId);
  }

  runSavedModel(
    savedModelId: number,
    inputTensorIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[] {
    this.#open();
    const { c } = this.#runtime;
    const inputs: Pointer[] = [];
    try {
      for (const id of inputTensorIds) inputs.push(this.#resolve(id));
      return this.#savedModels
        .run(savedModelId, inputs, inputNames, outputNames)
        .map((tensor) => this.#tensors.describe(this.#toHandle(tensor)));
    } finally {
      for (const input of inputs) c.TF_DeleteTensor(input);
    }
  }

  getNumOfSavedModels(): number {
    return this.#savedModels.size;
  }

  getNumOfTensors(): number {
    return this.#tensors.size;
  }

  close(): void {
    if (this.#closed) return;
    this.#tensors.clear();
    this.#savedModels.clear();
    this.#closed = true;
    this.#runtime.handles.count('TFJSBinding', -1);
    this.#runtime.c.TFE_DeleteContext(this.#context.pointer);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): Pointer {
    if (this.#closed) throw new ClosedHandleError('TFJSBinding');
    return this.#context.pointer;
  }

  #toDevice(handle: Pointer): Pointer {
    const { c, status } = this.#runtime;
    const { pointer, device } = this.#context;
    const copy = c.TFE_TensorHandleCopyToDevice(handle, pointer, device, status.pointer);
    c.TFE_DeleteTensorHandle(handle);
    status.check('createTensor');
    if (copy === null) throw new TensorflowError('createTensor', 2, 'It gave no copy.');
    return copy;
  }

  #resolve(id: number): Pointer {
    const { c, status } = this.#runtime;
    const tensor = c.TFE_TensorHandleResolve(this.#tensors.get(id), status.pointer);
    status.check('runSavedModel');
    if (tensor === null) throw new TensorflowError('runSavedModel', 2, 'An input has no value.');
    return tensor;
  }

  #toHandle(tensor: Pointer): Pointer {
    const { c, status } = this.#runtime;
    try {
      const handle = c.TFE_NewTensorHandle(tensor, status.pointer);
      status.check('runSavedModel');
      if (handle === null) throw new TensorflowError('runSavedModel', 2, 'An output has no value.');
      return handle;
    } finally {
      c.TF_DeleteTensor(tensor);
    }
  }
}

/** The eager C API in the form that tfjs-node's kernels call. */
export const tfjsBinding = (runtime: Runtime, config: SessionConfig): ClosableTfjsBinding =>
  Object.assign(new EagerBinding(runtime, config), dataTypes, attributeTypes);
