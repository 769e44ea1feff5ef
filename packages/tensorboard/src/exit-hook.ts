/** What must still be written when the process ends. */
interface Flushable {
  flushSync(): void;
}

const open = new Set<Flushable>();

const flushAll = (): void => {
  for (const writer of open) writer.flushSync();
};

/** Has `flushSync` called when the process exits. One listener serves all writers. */
export const flushAtExit = (writer: Flushable): void => {
  if (open.size === 0) process.on('exit', flushAll);
  open.add(writer);
};

export const forgetAtExit = (writer: Flushable): void => {
  if (open.delete(writer) && open.size === 0) process.off('exit', flushAll);
};
