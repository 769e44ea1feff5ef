// A process that trains in a directory: it claims it, says so, and stays until it is killed.
import { join } from 'node:path';
import { CheckpointManager, fileSystemBackend } from '../src';

const [modelDir = ''] = process.argv.slice(2);
const backend = fileSystemBackend(join(modelDir, 'checkpoints'));
const manager = new CheckpointManager({ backend });
await manager.open();
await manager.acquire();
console.log('claimed');
setInterval(() => {}, 1000);
