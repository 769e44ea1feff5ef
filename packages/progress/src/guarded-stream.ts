/** Where progress goes: `process.stderr`, or anything that takes text. */
export interface ProgressStream {
  /** Whether a person watches, so that a line may be redrawn in place. */
  readonly isTTY?: boolean | undefined;
  /** Columns of the terminal. */
  readonly columns?: number | undefined;
  write(text: string, done?: (error?: Error | null) => void): unknown;
  once?(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Writes to a stream and falls silent for good when it fails: a closed pipe or terminal must not
 * end a training run.
 */
export class GuardedStream {
  #isBroken = false;

  constructor(private readonly stream: ProgressStream) {}

  get isBroken(): boolean {
    return this.#isBroken;
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  /** Columns of the terminal, where that is known. */
  get columns(): number | undefined {
    return this.isTerminal ? this.stream.columns : undefined;
  }

  write(text: string): void {
    if (this.#isBroken) return;
    try {
      this.stream.write(text, (error) => {
        if (error) this.#break();
      });
    } catch {
      this.#break();
    }
  }

  /** Node hands a failure to the callback first, then emits it, which ends the process if nobody listens. */
  #break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.stream.once?.('error', () => {});
  }
}
