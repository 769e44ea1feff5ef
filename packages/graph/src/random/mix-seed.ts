/**
 * One 32-bit seed from several numbers and names, such that neighbouring inputs give unrelated seeds.
 * Source: the FNV-1a hash over the parts, then the finaliser of MurmurHash3.
 */
export const mixSeed = (...parts: readonly (number | string)[]): number => {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (const character of `${part}\u0000`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
