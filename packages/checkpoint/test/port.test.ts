import { expectTypeOf, it } from 'vitest';
import type { CheckpointStore } from '../../core/src/ports/checkpoint-store';
import type { CheckpointManager } from '../src/index';

it('CheckpointManager is what core’s CheckpointStore port asks for, without either knowing the other', () => {
  expectTypeOf<CheckpointManager>().toExtend<CheckpointStore>();
});
