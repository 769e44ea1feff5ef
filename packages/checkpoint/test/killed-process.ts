import { CheckpointManager, fileSystemBackend } from '../src/index';
import { faultyFileSystem } from './faulty-file-system';
import { checkpointOf } from './killed-process-snapshots';

// Saves into a directory and is killed at an operation:
// `node killed-process.js <directory> <operation> <step>:<generation> …`. Prints the number of operations if it is not killed.

const [directory = '', at = '', ...saves] = process.argv.slice(2);

const faulty = faultyFileSystem({ kind: 'kill' }, Number(at));
const manager = new CheckpointManager({
  backend: fileSystemBackend(directory, { fs: faulty.fs }),
  maxToKeep: 2,
  shards: 12,
});
await manager.open();
for (const save of saves) {
  const [step, generation] = save.split(':').map(Number);
  await manager.save(checkpointOf(step ?? 0, generation));
}
process.stdout.write(String(faulty.count));
