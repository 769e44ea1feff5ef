/** The output of a command. */
export interface Console {
  readonly out: (text: string) => void;
  /** Prints progress and errors, which are not part of the result. */
  readonly err: (text: string) => void;
}

/** Exit codes of the command line. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** A subcommand of `elistimator`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The text of `--help`. */
  readonly help: string;
  /**
   * Runs the command.
   *
   * @param args the arguments after the command's name
   * @returns the exit code
   * @throws Error with a `code` that starts with `ERR_PARSE_ARGS` for unknown arguments
   */
  run(args: readonly string[], console: Console): Promise<number>;
}
