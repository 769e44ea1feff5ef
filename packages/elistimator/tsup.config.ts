import { library } from '@elistimator/tooling/tsup';

export default library({ index: 'src/index.ts', cli: 'src/cli.ts' });
