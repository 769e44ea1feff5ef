import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ElfFacts, elfFile } from './elf-file';

/** The files that a TensorFlow wheel installs in site-packages. */
export interface WheelFacts extends ElfFacts {
  readonly distribution?: string;
  readonly version?: string;
  readonly cuda?: boolean;
  /** Parts of pip's CUDA packages, such as `cudnn`. */
  readonly nvidia?: readonly string[];
  /** The libraries' file names. */
  readonly libraries?: readonly string[];
}

/** A temporary directory in which tests create installations. */
export class FakeDisk implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'machine-')));

  /** The absolute path of a file in it. */
  at(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content: string | Buffer = ''): string {
    const file = this.at(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** Writes an executable shell script. */
  program(path: string, script: string): string {
    const file = this.write(path, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** Writes an interpreter that answers as if it had imported the module in a folder. */
  python(path: string, folder: string | null, environment: string | null = null): string {
    const answer = JSON.stringify({ interpreter: this.at(path), environment, folder });
    return this.program(path, `echo '${answer}'`);
  }

  /** Installs a wheel into a site-packages directory and returns the module's directory. */
  wheel(
    sitePackages: string,
    {
      distribution = 'tensorflow_cpu',
      version = '2.21.0',
      cuda = false,
      nvidia = [],
      libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
      ...elf
    }: WheelFacts = {},
  ): string {
    const folder = `${sitePackages}/tensorflow`;
    this.write(`${folder}/__init__.py`);
    const flag = cuda ? 'True' : 'False';
    this.write(
      `${folder}/python/platform/build_info.py`,
      `build_info = collections.OrderedDict([('is_cuda_build', ${flag}), ('is_rocm_build', False)])\n`,
    );
    this.write(`${sitePackages}/${distribution}-${version}.dist-info/METADATA`);
    for (const name of libraries) this.write(`${folder}/${name}`, elfFile(elf));
    for (const part of nvidia) this.write(`${sitePackages}/nvidia/${part}/lib/lib${part}.so.9`);
    return this.at(folder);
  }

  /** Creates a virtual environment with an interpreter, and with TensorFlow if `wheel` is passed. */
  environment(path: string, wheel?: WheelFacts): string {
    this.write(`${path}/pyvenv.cfg`);
    const folder = wheel ? this.wheel(`${path}/lib/python3.11/site-packages`, wheel) : null;
    this.python(`${path}/bin/python`, folder, this.at(path));
    return this.at(path);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}
