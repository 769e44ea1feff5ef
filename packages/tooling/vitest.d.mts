import type { ViteUserConfig } from 'vitest/config';

/** The one way a package of this workspace is tested. The JSON report is what the root `npm test` counts. */
export function tests(overrides?: ViteUserConfig['test']): ViteUserConfig;
