const collected: (() => Promise<void>)[] = [];

/** Takes the place of a test runner in an example: it collects test bodies. */
export const runner = {
  collected,
  describe: (_: string, body: () => void): void => body(),
  it: (_: string, body: () => Promise<void>): void => {
    collected.push(body);
  },
};
