import type { Candidate } from './candidate';
import { cpu } from './cpu';
import { libtensorflow } from './libtensorflow';
import { tfjsNode, tfjsNodeGpu } from './tfjs-node';
import { wasm } from './wasm';

export { AdvisedError, type Candidate, type StartedBackend } from './candidate';

/** Every backend that this package can start, in the order in which `auto` tries them. */
export const candidates: readonly Candidate[] = [tfjsNodeGpu, tfjsNode, libtensorflow, wasm, cpu];
