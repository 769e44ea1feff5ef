import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirectory, SerialQueue } from '@elistimator/internal';
import type { EmbeddingFiles } from '../summaries/embedding';

/**
 * Writes the files of embeddings, one embedding after another, and lists each one in the projector's
 * configuration once its files are complete. An embedding of the same name, as after a restart, is
 * replaced.
 */
export class ProjectorDirectory {
  readonly #queue = new SerialQueue();

  constructor(private readonly logDir: string) {}

  /** Rejects with an error of the file system. */
  add(embedding: EmbeddingFiles): Promise<void> {
    return this.#queue.run(() => this.#write(embedding));
  }

  async #write({ files, config }: EmbeddingFiles): Promise<void> {
    for (const { path, content } of files) {
      const file = join(this.logDir, path);
      await makeDirectory(dirname(file));
      await writeFile(file, content);
    }
    await this.#list(config);
  }

  /** Replaces the configuration atomically, because TensorBoard may read it at any time. */
  async #list(config: string): Promise<void> {
    const path = join(this.logDir, 'projector_config.pbtxt');
    const [nameLine = ''] = config.split('\n').filter((line) => line.includes('tensor_name: '));
    const blocks = (await readText(path)).split(/(?<=^\}\n)/m);
    const others = blocks.filter((block) => !block.includes(nameLine));
    const replacement = `${path}.new`;
    await writeFile(replacement, [...others, config].join(''));
    await rename(replacement, path);
  }
}

/** The content of a file; empty if it does not exist. */
const readText = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
};
