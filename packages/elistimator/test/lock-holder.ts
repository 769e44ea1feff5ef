// The other process of second-process.test.ts: locks a directory, reports it, and waits to be killed.
import { join } from 'node:path';
import { CheckpointManager, fileSystemBackend } from '../src';

const [modelDir = ''] = process.argv.slice(2);
const backend = fileSystemBackend(join(modelDir, 'checkpoints'));
const manager = new CheckpointManager({ backend });
await manager.open();
await manager.acquire();
console.log('claimed');
setInterval(() => {}, 1000);
