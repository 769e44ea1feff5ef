import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { createEventFile, eventFileName, isEventFileName } from './event-file';

describe('createEventFile', () => {
  it('writes bytes at positions, and can repeat a write', async () => {
    const path = join(temporaryDirectory(), 'events');
    const file = createEventFile(path);
    await file.write(Buffer.from('hello'), 0);
    file.writeSync(Buffer.from('world'), 5);
    file.writeSync(Buffer.from('hello'), 0);
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('helloworld');
  });

  it('does not overwrite an existing file', () => {
    const path = join(temporaryDirectory(), 'events');
    writeFileSync(path, 'precious');
    expect(() => createEventFile(path)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });
});

describe('eventFileName', () => {
  it("returns the name that TensorBoard's EventFileWriter uses", () => {
    const parts = { seconds: 1795422802.9, hostname: 'vm', pid: 9283, counter: 0 };
    expect(eventFileName({ ...parts, suffix: '' })).toBe(
      'events.out.tfevents.1795422802.vm.9283.00000',
    );
    expect(eventFileName({ ...parts, seconds: 12, suffix: '.v2' })).toBe(
      'events.out.tfevents.0000000012.vm.9283.00000.v2',
    );
  });

  it('numbers the files of a writer so that they sort by name', () => {
    const parts = { seconds: 1, hostname: 'vm', pid: 9, counter: 0, suffix: '.v2' };
    const names = [0, 2, 10].map((part) => eventFileName({ ...parts, part }));
    expect(names[0]).toBe('events.out.tfevents.0000000001.vm.9.00000.00000.v2');
    expect([...names].sort()).toEqual(names);
  });
});

describe('isEventFileName', () => {
  it("applies TensorBoard's rule", () => {
    expect(isEventFileName('foo.tfevents')).toBe(true);
    expect(isEventFileName('events.log')).toBe(false);
  });
});
