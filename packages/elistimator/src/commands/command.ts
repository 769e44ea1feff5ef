/** Where a command writes. */
export interface Console {
  readonly out: (text: string) => void;
  /** For what is not the result: how it goes, and errors. */
  readonly err: (text: string) => void;
}

/** What a shell shows as done, as failed, and as asked for wrongly. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** A subcommand of `elistimator`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Everything that `--help` prints. */
  readonly help: string;
  /**
   * Runs it.
   *
   * @param args what follows the command's name
   * @returns the exit code
   * @throws Error with a `code` that begins `ERR_PARSE_ARGS` for arguments that it does not know.
   */
  run(args: readonly string[], console: Console): Promise<number>;
}
