export type { Command, Console } from './command';
export { doctorCommand } from './doctor';
export { runCommandLine } from './run-command-line';
