const collected: (() => Promise<void>)[] = [];

/** Replaces the test runner in an example and collects test bodies. */
export const runner = {
  collected,
  describe: (_: string, body: () => void): void => body(),
  it: (_: string, body: () => Promise<void>): void => {
    collected.push(body);
  },
};
