// Prints the peak memory of a save or a restore, in bytes, not counting the tensors.
//
//   tsx checkpoint-memory.ts save|restore PREFIX MEGABYTES
import { openCheckpoint, writeCheckpoint } from '@elistimator/checkpoint';
import { tensorsOf } from './checkpoint-tensors';

const [action, prefix = '', megabytes = ''] = process.argv.slice(2);

const peak = (): number => process.resourceUsage().maxRSS * 1024;

if (action === 'save') {
  const tensors = tensorsOf(Number(megabytes));
  const before = process.memoryUsage.rss();
  await writeCheckpoint(prefix, tensors);
  console.log(peak() - before);
} else {
  const before = process.memoryUsage.rss();
  const tensors = await (await openCheckpoint(prefix)).readAll();
  const tensorBytes = tensors.reduce(
    (sum, { data }) => sum + ('byteLength' in data ? data.byteLength : 0),
    0,
  );
  console.log(peak() - before - tensorBytes);
}
