export {
  BackendOptionError,
  BackendUnavailableError,
  UnsupportedBackendOptionError,
} from './errors';
