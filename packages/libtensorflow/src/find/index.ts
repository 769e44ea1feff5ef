export { type FindOptions, findLibtensorflow, requireLibtensorflow } from './find-libtensorflow';
export { type InstallFor, installCommand } from './install-command';
export { LibtensorflowNotFoundError } from './libtensorflow-not-found-error';
export type {
  FoundLibtensorflow,
  LibrarySource,
  Look,
  PythonInstallation,
  SearchReport,
} from './search-report';
export { minimumVersion } from './version';
