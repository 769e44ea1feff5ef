export type { TableEntry } from './table-format';
export { readTable } from './table-reader';
export { writeTable } from './table-writer';
