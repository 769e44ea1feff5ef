import { library } from '@elistimator/tooling/tsup';

export default library();
