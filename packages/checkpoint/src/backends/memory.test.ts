import { describe, it } from 'vitest';
import { checkpointBackendConformance } from '../conformance';
import { memoryBackend } from './memory';

checkpointBackendConformance('memoryBackend', { describe, it, create: () => memoryBackend() });
