import type { InputSignature } from '../dataset';
import type { Validated } from './checkpoints';
import type { ExampleShapes, ExampleValues } from './dummy-features';
import { type EstimatorState, jsonOrUndefined } from './estimator-state';

/** What an estimator knows of its run, beside the model: counters, and what it was set up with. */
export class RunState<P, SaverArgs> {
  /** Training steps done since the model was new. */
  globalStep = 0;
  /** Finished rounds of training. */
  rounds = 0;
  /** Steps of the last round of training. */
  trainSize: number | undefined;
  /** Batches of the last round of validation. */
  validationSize: number | undefined;
  /** What the last validation gave, until the model changes. */
  validated: Validated | undefined;
  /** Names for the members of tuples. */
  dataKeys: readonly string[] | undefined;
  /** Which checkpoints to keep. */
  saverArgs: SaverArgs | undefined;

  constructor(
    /** What all random numbers follow from. */
    readonly seed: number,
    /** The model function's parameters. */
    readonly params: P,
  ) {}

  /** The state to save with a checkpoint. */
  toJson(
    inputSignature: InputSignature,
    exampleShapes: ExampleShapes,
    exampleValues: ExampleValues,
  ): EstimatorState {
    const params = jsonOrUndefined(this.params);
    return {
      version: 1,
      rounds: this.rounds,
      trainSize: this.trainSize,
      validationSize: this.validationSize,
      seed: this.seed,
      inputSignature,
      exampleShapes,
      exampleValues,
      dataKeys: this.dataKeys,
      saverArgs: jsonOrUndefined(this.saverArgs),
      params,
      paramsAreLost: params === undefined,
    };
  }

  /**
   * A run that goes on from a saved state.
   *
   * @param given what this process was given, which comes before what was saved
   */
  static from<P, SaverArgs>(
    state: EstimatorState,
    given: { readonly seed?: number | undefined; readonly params?: P | undefined },
  ): RunState<P, SaverArgs> {
    const params = given.params ?? ((state.params ?? {}) as P);
    const run = new RunState<P, SaverArgs>(given.seed ?? state.seed, params);
    run.rounds = state.rounds;
    run.trainSize = state.trainSize;
    run.validationSize = state.validationSize;
    run.dataKeys = state.dataKeys;
    run.saverArgs = state.saverArgs as SaverArgs | undefined;
    return run;
  }
}
