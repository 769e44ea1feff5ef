import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EmbeddingFiles } from './summaries/embedding';

const CONFIG = 'projector_config.pbtxt';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const readText = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
};

/**
 * Writes the files of one embedding after another, and adds each to the projector's configuration
 * once its files are there. An embedding that is there already, as after a restart, is replaced.
 */
export class ProjectorDirectory {
  #last: Promise<void> = Promise.resolve();

  /** @param logDir the run's directory */
  constructor(private readonly logDir: string) {}

  /** Rejects with the file system's error. */
  add(embedding: EmbeddingFiles): Promise<void> {
    const written = this.#last.then(() => this.#write(embedding));
    this.#last = written.catch(() => {});
    return written;
  }

  async #write({ files, config }: EmbeddingFiles): Promise<void> {
    for (const { path, content } of files) {
      const file = join(this.logDir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    await this.#list(config);
  }

  /** Replaces the configuration as a whole, as TensorBoard may read it at any time. */
  async #list(config: string): Promise<void> {
    const path = join(this.logDir, CONFIG);
    const [listed = ''] = config.split('\n').filter((line) => line.includes('tensor_name: '));
    const blocks = (await readText(path)).split(/(?<=^\}\n)/m);
    const others = blocks.filter((block) => !block.includes(listed));
    const replacement = `${path}.new`;
    await writeFile(replacement, [...others, config].join(''));
    await rename(replacement, path);
  }
}
