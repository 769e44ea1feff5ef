import { tests } from '@elistimator/tooling/vitest';

export default tests();
