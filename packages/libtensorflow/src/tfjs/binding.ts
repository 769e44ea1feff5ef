import { assertReturned, type Pointer, type Runtime } from '../c-api';
import { ClosedHandleError } from '../errors';
import type { SessionConfig } from '../session/session-config';
import { setAttribute } from './attributes';
import {
  attributeTypes,
  type ClosableTfjsBinding,
  dataTypes,
  type OpAttribute,
  type TensorBytes,
  type TensorMetadata,
} from './binding-types';
import { cName } from './c-strings';
import { corrections } from './corrections';
import { createEagerContext, type EagerContext } from './eager-context';
import { SavedModels } from './saved-models';
import { TensorHandles } from './tensor-handles';

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
    this.#context = createEagerContext(runtime, config);
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
    this.#assertOpen();
    const handle = this.#tensors.create(shape, dtype, values);
    // Most GPU kernels expect integers in host memory.
    const staysOnHost = dtype === dataTypes.TF_INT32 || dtype === dataTypes.TF_STRING;
    return this.#tensors.add(staysOnHost || !this.#context.isGpu ? handle : this.#toDevice(handle));
  }

  deleteTensor(tensorId: number): void {
    this.#assertOpen();
    this.#tensors.delete(tensorId);
  }

  tensorDataSync(tensorId: number): TensorBytes {
    this.#assertOpen();
    return this.#tensors.read(tensorId);
  }

  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputTensorIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const { c, status } = this.#runtime;
    this.#assertOpen();
    const corrected = corrections.get(name)?.(this, this.#tensors, attributes, inputTensorIds);
    if (corrected !== undefined) return corrected;
    const created = c.TFE_NewOp(this.#context.pointer, cName(name), status.pointer);
    status.check(name);
    const op = assertReturned(created, name, 'operation');
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
    for (let index = 0; index < count; index++) {
      metadata.push(this.#tensors.describe(this.#outputs[index] ?? 0n));
    }
    return metadata;
  }

  loadSavedModel(directory: string, tags: string): number {
    this.#assertOpen();
    return this.#savedModels.load(directory, tags);
  }

  deleteSavedModel(savedModelId: number): void {
    this.#assertOpen();
    this.#savedModels.delete(savedModelId);
  }

  runSavedModel(
    savedModelId: number,
    inputTensorIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[] {
    this.#assertOpen();
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

  #assertOpen(): void {
    if (this.#closed) throw new ClosedHandleError('TFJSBinding');
  }

  #toDevice(handle: Pointer): Pointer {
    const { c, status } = this.#runtime;
    const { pointer, device } = this.#context;
    const copy = c.TFE_TensorHandleCopyToDevice(handle, pointer, device, status.pointer);
    c.TFE_DeleteTensorHandle(handle);
    status.check('createTensor');
    return assertReturned(copy, 'createTensor', 'copy');
  }

  #resolve(id: number): Pointer {
    const { c, status } = this.#runtime;
    const tensor = c.TFE_TensorHandleResolve(this.#tensors.get(id), status.pointer);
    status.check('runSavedModel');
    return assertReturned(tensor, 'runSavedModel', 'value of an input');
  }

  #toHandle(tensor: Pointer): Pointer {
    const { c, status } = this.#runtime;
    try {
      const handle = c.TFE_NewTensorHandle(tensor, status.pointer);
      status.check('runSavedModel');
      return assertReturned(handle, 'runSavedModel', 'handle of an output');
    } finally {
      c.TF_DeleteTensor(tensor);
    }
  }
}

/** Creates a binding: the eager C API as tfjs-node's kernels call it. */
export const tfjsBinding = (runtime: Runtime, config: SessionConfig): ClosableTfjsBinding =>
  Object.assign(new EagerBinding(runtime, config), dataTypes, attributeTypes);
