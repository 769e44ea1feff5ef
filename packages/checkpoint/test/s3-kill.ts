import { CheckpointManager } from '../src/index';
import { s3Backend } from '../src/s3/s3-backend';
import { clientOf } from './s3-client';

// Saves to S3 until it is killed: `node s3-kill.js <port> <prefix>`.

const [port = '', prefix = ''] = process.argv.slice(2);

const backend = s3Backend({
  client: clientOf(Number(port)),
  bucket: 'checkpoints',
  prefix,
  partSize: 5 * 2 ** 20,
});
const manager = new CheckpointManager({ backend });
await manager.open();
const data = new Float32Array(4 * 2 ** 20).fill(2);
await manager.save({
  globalStep: 2,
  tensors: [{ name: 'w', dtype: 'float32', shape: [data.length], data }],
});
