import { describe, expect, it } from 'vitest';
import { eventFileName, isEventFileName } from './event-file-name';

describe('eventFileName', () => {
  it("is what TensorBoard's EventFileWriter uses", () => {
    const parts = { seconds: 1795422802.9, hostname: 'vm', pid: 9283, counter: 0 };
    expect(eventFileName({ ...parts, suffix: '' })).toBe(
      'events.out.tfevents.1795422802.vm.9283.00000',
    );
    expect(eventFileName({ ...parts, seconds: 12, suffix: '.v2' })).toBe(
      'events.out.tfevents.0000000012.vm.9283.00000.v2',
    );
  });

  it('numbers the files of a writer so that names sort as the files do', () => {
    const parts = { seconds: 1, hostname: 'vm', pid: 9, counter: 0, suffix: '.v2' };
    const names = [0, 2, 10].map((part) => eventFileName({ ...parts, part }));
    expect(names[0]).toBe('events.out.tfevents.0000000001.vm.9.00000.00000.v2');
    expect([...names].sort()).toEqual(names);
  });
});

describe('isEventFileName', () => {
  it('asks for what TensorBoard asks for', () => {
    expect(isEventFileName('foo.tfevents')).toBe(true);
    expect(isEventFileName('events.log')).toBe(false);
  });
});
