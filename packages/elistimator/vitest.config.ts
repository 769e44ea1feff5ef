import { tests } from '@elistimator/tooling/vitest';

export default tests({ typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] } });
