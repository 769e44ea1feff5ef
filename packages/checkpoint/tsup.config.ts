import { library } from '@elistimator/tooling/tsup';

export default library({ index: 'src/index.ts', conformance: 'src/conformance.ts' });
