/** What a round that is about to start shows. */
export interface ProgressTask {
  /** What stands before the bar, without a colon: `Training (1)`. */
  readonly label: string;
  /** Steps of the whole round; unknown on the first. */
  readonly total?: number | undefined;
}

/**
 * Shows a person how a round goes. One task runs at a time: `begin`, any number of `advance`, `end`.
 *
 * The loop never waits for a reporter, and reads values from the device only when `advance` says
 * that a redraw is due. What a reporter throws is emitted as a warning of the process, once for each
 * method, and does not end a round.
 */
export interface ProgressReporter {
  begin(task: ProgressTask): void;
  /**
   * Counts finished steps.
   *
   * @returns whether a redraw is due; then the loop calls `show` with fresh values
   */
  advance(steps: number): boolean;
  /**
   * Redraws with `postfix` behind the bar.
   *
   * @param postfix names and ready-made texts, in the order to show
   */
  show(postfix: Readonly<Record<string, string>>): void;
  /** Draws the final state and leaves it standing. Called once for each `begin`, also when a round fails. */
  end(): void;
  /** Prints a line of its own, such as the metrics of a validation round. */
  message(text: string): void;
}

/** Shows nothing. */
export const silentProgress: ProgressReporter = {
  begin: () => {},
  advance: () => false,
  show: () => {},
  end: () => {},
  message: () => {},
};
