import type { TqdmTask } from './tqdm-reporter';

/** Has the methods of {@link TqdmReporter} and shows nothing, messages included. */
export class SilentReporter {
  begin(_task: TqdmTask): void {}

  /** @returns false: no redraw is ever due */
  advance(_steps: number): boolean {
    return false;
  }

  show(_postfix: Readonly<Record<string, string>>): void {}

  end(): void {}

  message(_text: string): void {}
}
