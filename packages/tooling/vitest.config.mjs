import { tests } from './vitest.mjs';

export default tests({ include: ['test/**/*.test.mjs'] });
