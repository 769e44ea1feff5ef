import { describe, expect, it } from 'vitest';
import { eventFileName, isEventFileName } from './event-file-name';

describe('eventFileName', () => {
  it("is what TensorBoard's EventFileWriter uses", () => {
    const parts = { seconds: 1795422802.9, hostname: 'vm', pid: 9283, counter: 0 };
    expect(eventFileName({ ...parts, suffix: '' })).toBe(
      'events.out.tfevents.1795422802.vm.9283.0',
    );
    expect(eventFileName({ ...parts, seconds: 12, suffix: '.v2' })).toBe(
      'events.out.tfevents.0000000012.vm.9283.0.v2',
    );
  });
});

describe('isEventFileName', () => {
  it('asks for what TensorBoard asks for', () => {
    expect(isEventFileName('foo.tfevents')).toBe(true);
    expect(isEventFileName('events.log')).toBe(false);
  });
});
