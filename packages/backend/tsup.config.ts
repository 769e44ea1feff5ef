import { library } from '@elistimator/tooling/tsup';

export default library({
  index: 'src/index.ts',
  wasm: 'src/wasm/index.ts',
  'doctor-probe': 'src/doctor/probe/main.ts',
});
