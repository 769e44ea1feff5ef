import { describe, expect, it } from 'vitest';
import { memoryBackend } from '../backends';
import { BackgroundSaver, CheckpointManager } from './index';

const snapshot = (globalStep: number) => ({ globalStep, tensors: [] });

describe('BackgroundSaver', () => {
  it('lets training go on, and the next save waits', async () => {
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const saver = new BackgroundSaver({
      save: async ({ globalStep }) => {
        begun.push(globalStep);
        await new Promise<void>((resolve) => ends.push(resolve));
        return `model-${globalStep}`;
      },
    });
    await saver.save(snapshot(1));
    const second = saver.save(snapshot(2));
    await Promise.resolve();
    expect(begun).toEqual([1]);
    ends[0]?.();
    await second;
    expect(begun).toEqual([1, 2]);
    const waiting = saver.wait();
    ends[1]?.();
    expect(await waiting).toBe('model-2');
    expect(await saver.wait()).toBeUndefined();
  });

  it('surfaces a failure at the next call, once', async () => {
    const backend = memoryBackend();
    let full = true;
    const write = async (...[name, data]: Parameters<typeof backend.write>) => {
      if (full) throw new Error('disk full');
      await backend.write(name, data);
    };
    const manager = new CheckpointManager({ backend: { ...backend, write } });
    const saver = new BackgroundSaver(manager);
    await saver.save(snapshot(1));
    await expect(saver.save(snapshot(2))).rejects.toThrow('disk full');
    full = false;
    await saver.save(snapshot(3));
    expect(await saver.wait()).toContain('model_iter-3');
    expect([...manager.checkpoints.keys()]).toEqual([3]);
  });
});
