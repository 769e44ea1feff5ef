export {
  BackendOptionError,
  BackendUnavailableError,
  UnsupportedBackendOptionError,
} from './errors';
export { type Explanation, explain } from './explain';
