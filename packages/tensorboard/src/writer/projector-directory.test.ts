import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { embeddingFiles } from '../summaries/embedding';
import { ProjectorDirectory } from './projector-directory';

const embedding = (tag: string, data: number[]) =>
  embeddingFiles(tag, { data, shape: [data.length, 1] }, 0, {});
const namesIn = (config: string) =>
  [...config.matchAll(/tensor_name: "(.*)"/g)].map(([, name]) => name);

it('lists each embedding once, and keeps existing entries', async () => {
  const logDir = temporaryDirectory();
  const path = join(logDir, 'projector_config.pbtxt');
  writeFileSync(path, 'embeddings {\n  tensor_name: "old"\n}\n');
  const directory = new ProjectorDirectory(logDir);
  await Promise.all([
    directory.add(embedding('a', [1])),
    directory.add(embedding('b', [2])),
    directory.add(embedding('a', [3, 4])),
  ]);
  const config = readFileSync(path, 'utf8');
  expect(namesIn(config)).toEqual(['old', 'b:00000', 'a:00000']);
  expect(config.match(/tensor_shape: 2/g)).toHaveLength(1);
  expect(readFileSync(join(logDir, 'projector/a-00000/tensors.tsv'), 'utf8')).toBe('3\n4\n');
});

it('rejects a failed embedding, and writes the next one', async () => {
  const logDir = temporaryDirectory();
  mkdirSync(join(logDir, 'projector/a-00000/tensors.tsv'), { recursive: true });
  const directory = new ProjectorDirectory(logDir);
  const failed = directory.add(embedding('a', [1]));
  const written = directory.add(embedding('b', [1]));
  await expect(failed).rejects.toThrow('EISDIR');
  await written;
});
