/** A 32-bit sum as errors show it: `0x8a9136aa`. */
export const hex32 = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
