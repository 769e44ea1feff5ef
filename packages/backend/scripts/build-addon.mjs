// Builds the native addon of @tensorflow/tfjs-node from its own source against the TensorFlow
// inside a Python wheel. Its own installer downloads a prebuilt one from a host that many
// machines cannot reach. The addon lies in node_modules afterwards and is committed nowhere.
//
//   pnpm --filter @elistimator/backend build-addon [--force]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonOracle } from '@elistimator/tooling/python';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const force = process.argv.includes('--force');

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

/** One training step of a small net in a process of its own, so that a crash is a status. */
const trainsWithAddon = () =>
  spawnSync(process.execPath, [join(here, 'addon-step.cjs')], {
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });

const replaceLink = (target, path) => {
  rmSync(path, { force: true, recursive: true });
  symlinkSync(target, path);
};

if (process.platform !== 'linux') {
  fail(
    `build-addon: expected Linux, this is ${process.platform}. Elsewhere run \`npm rebuild @tensorflow/tfjs-node\`.`,
  );
}

const packageFile = require.resolve('@tensorflow/tfjs-node/package.json');
const packageFolder = dirname(packageFile);
const { version, binary } = require(packageFile);
const napi = Math.min(Number(process.versions.napi), Math.max(...binary.napi_versions));
const addon = join(
  packageFolder,
  binary.module_path.replace('{napi_build_version}', String(napi)),
  `${binary.module_name}.node`,
);

if (existsSync(addon) && !force) {
  const { status, stdout } = trainsWithAddon();
  if (status === 0) {
    console.log(
      `build-addon: the addon of tfjs-node ${version} is there already. ${stdout.trim()}`,
    );
    process.exit(0);
  }
  console.log('build-addon: the addon is there but does not load; building it again.');
}

const { python, reason } = await pythonOracle();
if (!python) fail(`build-addon: no libtensorflow to build against. ${reason}`);

const locate =
  'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])';
const wheel = execFileSync(python, ['-c', locate], { encoding: 'utf8' }).trim();
const libraries = {
  // The linker looks for -ltensorflow and -ltensorflow_framework, the loader for the sonames.
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
};
for (const name of new Set(Object.values(libraries))) {
  if (!existsSync(join(wheel, name)))
    fail(`build-addon: expected ${name} in ${wheel}, found none.`);
}

console.log(
  `build-addon: building the addon of tfjs-node ${version} against the TensorFlow of ${python}`,
);
const libraryFolder = join(packageFolder, 'deps', 'lib');
mkdirSync(libraryFolder, { recursive: true });
for (const [name, target] of Object.entries(libraries)) {
  replaceLink(join(wheel, target), join(libraryFolder, name));
}
replaceLink(join(wheel, 'include'), join(packageFolder, 'deps', 'include'));

// node-gyp downloads Node's headers unless it is told where they are; most installs carry them.
const nodeFolder = resolve(dirname(process.execPath), '..');
const headers = existsSync(join(nodeFolder, 'include', 'node', 'node_api.h'));
const builder = createRequire(packageFile).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
const build = spawnSync(process.execPath, [builder, 'install', '--build-from-source'], {
  cwd: packageFolder,
  encoding: 'utf8',
  env: { ...process.env, ...(headers ? { npm_config_nodedir: nodeFolder } : {}) },
});
if (build.status !== 0) {
  fail(
    `${build.stdout}\n${build.stderr}\nbuild-addon: node-pre-gyp failed. It needs a C++17 compiler and make.`,
  );
}

const check = trainsWithAddon();
if (check.status !== 0)
  fail(`${check.stderr}\nbuild-addon: built, but a training step on it failed.`);
console.log(`build-addon: built ${addon}. ${check.stdout.trim()}`);
