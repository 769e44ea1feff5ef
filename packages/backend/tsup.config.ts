import { library } from '@elistimator/tooling/tsup';

export default library({ index: 'src/index.ts', wasm: 'src/wasm/index.ts' });
