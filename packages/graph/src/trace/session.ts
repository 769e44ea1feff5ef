import * as tf from '@tensorflow/tfjs';
import type { TensorRef } from '../graph/types';
import { seededRandomSource, withRandomSource } from '../random/random-layers';
import { currentEngine, releaseGradientTape, type TfjsEngine } from '../tfjs-internals';
import { flattenOutputs, type TensorTree } from './flatten-outputs';
import { watchLayers } from './layer-scopes';
import { prune } from './prune';
import { Recorder, type TraceSession } from './recorder';
import type { Recording } from './recording';
import { refuse } from './refusals';
import { Replacements } from './replacements';
import { type InputSpec, syntheticInput } from './synthetic-inputs';
import { watchGradients } from './tile-gradient';
import { refuseStatefulLayers, watchClock, watchEngine, watchOptimizers } from './watch-engine';

/** Code to trace: tensors in, tensors out, everything in between by tfjs. */
export type TracedFunction = (inputs: Record<string, tf.Tensor>) => TensorTree;

interface CallOptions {
  readonly batchSize: number | undefined;
  /** Other seeds give other inputs. */
  readonly seed: number;
  /** Whether this call may make variables. */
  readonly isFirst: boolean;
}

/** What is known after a call. */
interface Call {
  readonly recording: Recording;
  readonly madeVariables: boolean;
  readonly usesEarlierCall: boolean;
}

let isTracing = false;

/** Calls one function again and again with made-up inputs, and leaves everything as it was. */
export class Session {
  readonly #fn: TracedFunction;
  readonly #inputs: Readonly<Record<string, InputSpec>>;
  readonly #engine: TfjsEngine = currentEngine();
  readonly #shared: TraceSession;
  readonly #replacements = new Replacements();
  #calls = 0;

  /** @throws TraceError within another trace, or a gradient */
  constructor(
    fn: TracedFunction,
    inputs: Readonly<Record<string, InputSpec>>,
    maxConstantBytes: number,
  ) {
    this.#fn = fn;
    this.#inputs = inputs;
    const engine = this.#engine;
    if (isTracing) throw refuse.nested('a traced function');
    if (engine.state.gradientDepth > 0) throw refuse.nested('a function whose gradient is taken');
    this.#shared = {
      engine,
      read: engine.readSync.bind(engine),
      startId: engine.nextTensorId(),
      baseScope: engine.state.scopeStack.length,
      maxConstantBytes,
      fromInputs: new Set(),
      captured: new Map(),
    };
    isTracing = true;
    watchOptimizers(this.#replacements);
    watchGradients(this.#replacements);
  }

  /** Puts back what the calls changed for their own time. */
  close(): void {
    this.#replacements.restore();
    isTracing = false;
  }

  /**
   * Two calls with different inputs of one batch size. What the function makes in its very first call,
   * variables and constants that it keeps, is not a part of either.
   */
  pair(batchSize: number | undefined): [first: Recording, repeated: Recording] {
    const warmUp = this.#call({ batchSize, seed: 1, isFirst: true });
    const second = this.#call({ batchSize, seed: 2, isFirst: false });
    const isLikeOthers = !warmUp.madeVariables && !second.usesEarlierCall;
    return [isLikeOthers ? warmUp.recording : this.call(batchSize), second.recording];
  }

  call(batchSize: number | undefined): Recording {
    return this.#call({ batchSize, seed: 1, isFirst: false }).recording;
  }

  #call({ batchSize, seed, isFirst }: CallOptions): Call {
    const recorder = new Recorder(this.#shared);
    const replacements = new Replacements();
    this.#engine.startScope();
    try {
      const inputs = this.#makeInputs(batchSize, seed, recorder);
      const watched = watchEngine(
        this.#engine,
        recorder,
        replacements,
        isFirst ? 'make' : 'refuse',
      );
      watchLayers(replacements, recorder);
      refuseStatefulLayers(replacements, recorder);
      watchClock(replacements, this.#calls++);
      const outputs = this.#run(recorder, inputs);
      return {
        recording: prune(recorder.finish(batchSize, outputs)),
        madeVariables: watched.madeVariables,
        usesEarlierCall: recorder.usesEarlierCall,
      };
    } catch (error) {
      releaseGradientTape();
      throw recorder.refusal ?? error;
    } finally {
      replacements.restore();
      // The function may have thrown with scopes of its own still open.
      const { scopeStack } = this.#engine.state;
      while (scopeStack.length > this.#shared.baseScope) this.#engine.endScope();
    }
  }

  #makeInputs(
    batchSize: number | undefined,
    seed: number,
    recorder: Recorder,
  ): Record<string, tf.Tensor> {
    const entries = Object.entries(this.#inputs);
    return Object.fromEntries(
      entries.map(([name, spec], index) => {
        const tensor = syntheticInput(spec, batchSize, seed * 1000 + index);
        recorder.placeholder(name, tensor);
        return [name, tensor];
      }),
    );
  }

  #run(recorder: Recorder, inputs: Record<string, tf.Tensor>): Record<string, TensorRef> {
    const before = this.#engine.nextTensorId();
    // Each run of the graph gives the seed.
    const result: unknown = withRandomSource(seededRandomSource(0), () => this.#fn(inputs));
    if (isThenable(result)) {
      // What it still does, and how it ends, is of no interest.
      result.then(undefined, () => {});
      throw recorder.refusal ?? refuse.promise();
    }
    if (recorder.refusal) throw recorder.refusal;
    const outputs = flattenOutputs(result);
    const { place } = recorder;
    const refs = [...outputs].map(([name, tensor]): [string, TensorRef] => [
      name,
      recorder.refer(tensor, name, place),
    ]);
    for (const tensor of outputs.values()) {
      // The function may have kept what it returns; tf.tidy frees the rest.
      const isOwn = tensor.id > before && !(tensor instanceof tf.Variable);
      if (isOwn && !tensor.isDisposed && tensor.kept) tensor.dispose();
    }
    return Object.fromEntries(refs);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';
