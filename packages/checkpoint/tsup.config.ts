import { library } from '@elistimator/tooling/tsup';

export default library({
  index: 'src/index.ts',
  conformance: 'src/conformance.ts',
  s3: 'src/s3/s3-backend.ts',
});
