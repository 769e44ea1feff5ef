import type { DeviceFacts, ProbeModel, TrainingProbe } from '../doctor-report';

/** What a probing process tells, as it comes to it: what it told before a crash is known all the same. */
export type ProbeMessage =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'started'; readonly version?: string; readonly gpu: boolean }
  | { readonly kind: 'kernels'; readonly missing: readonly string[] }
  | { readonly kind: 'training'; readonly model: ProbeModel }
  | { readonly kind: 'trained'; readonly probe: TrainingProbe }
  | { readonly kind: 'failed'; readonly model: ProbeModel; readonly reason: string }
  | {
      readonly kind: 'library';
      readonly version: string;
      readonly devices: readonly DeviceFacts[];
    };

/** How a probing process ended: well, or why not. */
export type ProbeEnd = { readonly problem?: string };
