export {
  ExplainedTypeError,
  type Explanation,
  explain,
} from '@elistimator/internal';
export * from './errors';
