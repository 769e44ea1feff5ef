import { expectTypeOf, it } from 'vitest';
import type { CheckpointStore } from '../../core/src/ports/checkpoint-store';
import type { CheckpointManager } from '../src/index';

it('CheckpointManager implements core’s CheckpointStore port, without either importing the other', () => {
  expectTypeOf<CheckpointManager>().toExtend<CheckpointStore>();
});
