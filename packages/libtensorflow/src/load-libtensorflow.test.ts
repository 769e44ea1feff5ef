import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLibtensorflows } from './load-libtensorflow';

const maps = `7f00-7f01 r--p 00000000 08:01 1    /usr/lib/libc.so.6
7f02-7f03 r--p 00000000 08:01 2    /opt/my folder/libtensorflow.so.2.9.1
7f03-7f04 r-xp 00001000 08:01 2    /opt/my folder/libtensorflow.so.2.9.1
7f05-7f06 r--p 00000000 08:01 3    /opt/tf/libtensorflow_cc.so.2
7f07-7f08 r--p 00000000 08:01 4    /opt/tf/libtensorflow_framework.so.2
7f09-7f0a rw-p 00000000 00:00 0    [stack]
`;

test.runIf(process.platform === 'linux')('lists each open libtensorflow once', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'maps-')), 'maps');
  writeFileSync(file, maps);
  expect(openLibtensorflows(file)).toEqual([
    '/opt/my folder/libtensorflow.so.2.9.1',
    '/opt/tf/libtensorflow_cc.so.2',
  ]);
});

test('is empty if this process has opened none', () => {
  expect(openLibtensorflows()).toEqual([]);
});
