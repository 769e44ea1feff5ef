import * as tf from '@tensorflow/tfjs';
import { BATCH, type Sizes } from '../ir/symbolic-numbers';
import type { TensorRef } from '../ir/types';
import { seededRandomSource, withRandomSource } from '../random/random-layers';
import { currentEngine, releaseGradientTape, type TfjsEngine } from '../tfjs-internals';
import { type InputSpec, syntheticInput } from './inputs';
import { MethodPatches } from './method-patches';
import { type SymbolicShapes, symbolicShapes } from './open-dimensions';
import { flattenOutputs, type TensorTree } from './outputs';
import { patchEngine } from './patch-engine';
import {
  patchClock,
  patchGradients,
  patchLayerScopes,
  patchOptimizers,
  patchRecurrentLayers,
} from './patches';
import { Recorder, type TraceState } from './recorder';
import { prune, type Recording } from './recording';
import { withRecurrences } from './recurrences';
import { untraceable } from './untraceable';

/** A function to trace: it takes tensors by name, computes with tfjs, and returns tensors. */
export type TracedFunction = (inputs: Record<string, tf.Tensor>) => TensorTree;

interface CallOptions {
  readonly sizes: Sizes;
  /** Other seeds give other inputs. */
  readonly seed: number;
  readonly mayCreateVariables: boolean;
}

interface TracedCall {
  readonly recording: Recording;
  readonly createdVariables: boolean;
  readonly usesEarlierCall: boolean;
}

let isTracing = false;

/** Calls one function repeatedly with synthetic inputs, and restores everything that the calls change. */
export class Tracer {
  readonly #fn: TracedFunction;
  readonly #inputs: Readonly<Record<string, InputSpec>>;
  readonly #engine: TfjsEngine = currentEngine();
  readonly #state: TraceState;
  readonly #patches = new MethodPatches();
  #callCount = 0;
  /** The shapes of the inputs, in which dimensions of one symbol are equal. */
  shapes: SymbolicShapes;

  /** @throws TraceError inside another trace or a gradient */
  constructor(
    fn: TracedFunction,
    inputs: Readonly<Record<string, InputSpec>>,
    maxConstantBytes: number,
  ) {
    this.#fn = fn;
    this.#inputs = inputs;
    this.shapes = symbolicShapes(inputs);
    const engine = this.#engine;
    if (isTracing) throw untraceable.nested('a traced function');
    if (engine.state.gradientDepth > 0) throw untraceable.nested('a function to differentiate');
    this.#state = {
      engine,
      read: engine.readSync.bind(engine),
      startId: engine.nextTensorId(),
      outerScopeCount: engine.state.scopeStack.length,
      maxConstantBytes,
      fromInputs: new Set(),
      captured: new Map(),
    };
    isTracing = true;
    patchOptimizers(this.#patches);
    patchGradients(this.#patches);
  }

  close(): void {
    this.#patches.restore();
    isTracing = false;
  }

  /**
   * Two calls with different inputs of the same sizes. Neither contains what the function only makes in
   * its very first call: variables, and constants that it keeps.
   */
  traceTwice(sizes: Sizes): [first: Recording, repeated: Recording] {
    const warmUp = this.#call({ sizes, seed: 1, mayCreateVariables: true });
    const second = this.#call({ sizes, seed: 2, mayCreateVariables: false });
    const isLikeLater = !warmUp.createdVariables && !second.usesEarlierCall;
    return [isLikeLater ? warmUp.recording : this.trace(sizes), second.recording];
  }

  trace(sizes: Sizes): Recording {
    return this.#call({ sizes, seed: 1, mayCreateVariables: false }).recording;
  }

  #call({ sizes, seed, mayCreateVariables }: CallOptions): TracedCall {
    const recorder = new Recorder(this.#state);
    const patches = new MethodPatches();
    this.#engine.startScope();
    try {
      const inputs = this.#makeInputs(sizes, seed, recorder);
      const current = { recorder };
      const facts = patchEngine(this.#engine, current, patches, mayCreateVariables);
      patchLayerScopes(patches, recorder);
      patchRecurrentLayers(patches, recorder);
      patchClock(patches, this.#callCount++);
      const hasOpenLengths = [...sizes.keys()].some((symbol) => symbol !== BATCH);
      const outputs = withRecurrences(hasOpenLengths ? current : undefined, () =>
        this.#run(recorder, inputs),
      );
      return {
        recording: prune(recorder.finish(sizes, outputs)),
        createdVariables: facts.createdVariables,
        usesEarlierCall: recorder.usesEarlierCall,
      };
    } catch (error) {
      releaseGradientTape();
      throw recorder.firstError ?? error;
    } finally {
      patches.restore();
      // A function that throws may leave scopes open.
      const { scopeStack } = this.#engine.state;
      while (scopeStack.length > this.#state.outerScopeCount) this.#engine.endScope();
    }
  }

  #makeInputs(sizes: Sizes, seed: number, recorder: Recorder): Record<string, tf.Tensor> {
    const entries = Object.entries(this.#inputs);
    return Object.fromEntries(
      entries.map(([name, spec], index) => {
        const shape = (this.shapes[name] ?? []).map((size) =>
          typeof size === 'string' ? (sizes.get(size) ?? 1) : size,
        );
        const tensor = syntheticInput(spec, shape, seed * 1000 + index);
        recorder.addPlaceholder(name, tensor);
        return [name, tensor];
      }),
    );
  }

  #run(recorder: Recorder, inputs: Record<string, tf.Tensor>): Record<string, TensorRef> {
    const lastId = this.#engine.nextTensorId();
    // The seed does not matter, since each run of the graph has another.
    const result: unknown = withRandomSource(seededRandomSource(0), () => this.#fn(inputs));
    if (isThenable(result)) {
      // A rejection that nobody handles would end the process.
      result.then(undefined, () => {});
      throw recorder.firstError ?? untraceable.promise();
    }
    if (recorder.firstError) throw recorder.firstError;
    const outputs = flattenOutputs(result);
    const scope = recorder.nameScope;
    const refs = [...outputs].map(([name, tensor]): [string, TensorRef] => [
      name,
      recorder.refer(tensor, name, scope),
    ]);
    for (const tensor of outputs.values()) {
      // The scope of the call frees all tensors but those that the function kept.
      const isNew = tensor.id > lastId && !(tensor instanceof tf.Variable);
      if (isNew && !tensor.isDisposed && tensor.kept) tensor.dispose();
    }
    return Object.fromEntries(refs);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';
