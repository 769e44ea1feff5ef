import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { heapOf } from '../../../src/tfjs-internals';

/** Bytes before and after each tensor that no kernel may change. */
const ZONE = 1024;
const ZONE_BYTE = 0xab;

/** The pattern in uninitialized memory and in the zones between tensors. */
type Filler = 0x3f | 0xc1;

export interface GuardedMemory {
  /** Fills memory that is allocated from now on. A result that depends on it was read out of bounds. */
  fillWith(filler: Filler): void;
  /** The number of live tensors with damaged surroundings, which are repaired. */
  repair(): number;
}

interface Block {
  readonly base: number;
  readonly size: number;
}

/** Surrounds every tensor that is allocated from now on by zones that show writes out of bounds. */
export const guardMemory = (backend: BackendWasm): GuardedMemory => {
  const wasm = heapOf(backend);
  const { _malloc: malloc, _free: free } = wasm;
  const blocks = new Map<number, Block>();
  let filler: Filler = 0x3f;
  const zonesOf = ({ base, size }: Block): readonly Uint8Array[] =>
    [base, base + ZONE + size].map((start) => wasm.HEAPU8.subarray(start, start + ZONE));
  // Half of a zone is constant, to find writes; the half next to the tensor varies, to find reads.
  const isIntact = (zone: Uint8Array, index: number): boolean => {
    const [far, near] = index === 0 ? [0, ZONE / 2] : [ZONE / 2, 0];
    const nearByte = zone[near];
    return (
      zone.subarray(far, far + ZONE / 2).every((byte) => byte === ZONE_BYTE) &&
      (nearByte === 0x3f || nearByte === 0xc1) &&
      zone.subarray(near, near + ZONE / 2).every((byte) => byte === nearByte)
    );
  };
  const paint = (block: Block): void => {
    zonesOf(block).forEach((zone, index) => {
      zone.fill(ZONE_BYTE);
      const near = index === 0 ? ZONE / 2 : 0;
      zone.fill(filler, near, near + ZONE / 2);
    });
  };
  wasm._malloc = (size) => {
    const base = malloc(size + 2 * ZONE) >>> 0;
    if (base === 0) return 0;
    const block = { base, size };
    blocks.set(base + ZONE, block);
    paint(block);
    wasm.HEAPU8.fill(filler, base + ZONE, base + ZONE + size);
    return base + ZONE;
  };
  wasm._free = (offset) => {
    const block = blocks.get(offset);
    blocks.delete(offset);
    free(block?.base ?? offset);
  };
  return {
    fillWith: (next) => {
      filler = next;
      for (const block of blocks.values()) paint(block);
    },
    repair: () => {
      const damaged = [...blocks.values()].filter((block) => !zonesOf(block).every(isIntact));
      for (const block of damaged) paint(block);
      return damaged.length;
    },
  };
};
