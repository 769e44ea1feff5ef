import type { ViteUserConfig } from 'vitest/config';

/** The test settings of a package in this workspace. `npm test` in the root adds up the JSON reports. */
export function tests(overrides?: ViteUserConfig['test']): ViteUserConfig;
