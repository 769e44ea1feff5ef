/** Test bodies that an example handed to its runner. */
export const collected: (() => Promise<void>)[] = [];

export const describe = (_: string, body: () => void): void => body();

export const it = (_: string, body: () => Promise<void>): void => {
  collected.push(body);
};
