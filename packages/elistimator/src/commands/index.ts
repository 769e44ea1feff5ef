export { doctorCommand } from './doctor';
export { runCommandLine } from './run-command-line';
