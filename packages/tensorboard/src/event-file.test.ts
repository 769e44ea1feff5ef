import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory';
import { createEventFile } from './event-file';

describe('createEventFile', () => {
  it('writes bytes where it is told, and the same ones again', async () => {
    const path = join(temporaryDirectory(), 'events');
    const file = createEventFile(path);
    await file.write(Buffer.from('hello'), 0);
    file.writeSync(Buffer.from('world'), 5);
    file.writeSync(Buffer.from('hello'), 0);
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('helloworld');
  });

  it('never takes a file that is there', () => {
    const path = join(temporaryDirectory(), 'events');
    writeFileSync(path, 'precious');
    expect(() => createEventFile(path)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });
});
