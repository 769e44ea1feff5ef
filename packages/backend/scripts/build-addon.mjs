// Builds the native addon of @tensorflow/tfjs-node from source against the TensorFlow of a Python
// wheel. The package's installer downloads a prebuilt addon from a host that many machines can't
// reach. The result is in node_modules and is not committed.
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

/** Trains a small model in a separate process, so that a crash becomes an exit status. */
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
    `build-addon: expected Linux, got ${process.platform}. Run \`npm rebuild @tensorflow/tfjs-node\` instead.`,
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
    console.log(`build-addon: the addon of tfjs-node ${version} already exists. ${stdout.trim()}`);
    process.exit(0);
  }
  console.log('build-addon: the addon exists but does not load; rebuilding it.');
}

const { python, reason } = await pythonOracle();
if (!python) fail(`build-addon: found no libtensorflow to build against. ${reason}`);

const locate =
  'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])';
const wheel = execFileSync(python, ['-c', locate], { encoding: 'utf8' }).trim();
const libraries = {
  // The linker needs the unversioned names, the loader the sonames.
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
};
for (const name of new Set(Object.values(libraries))) {
  if (!existsSync(join(wheel, name)))
    fail(`build-addon: expected ${name} in ${wheel}, but it does not exist.`);
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

// node-gyp downloads Node's headers unless it knows where they are. Most installations include them.
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
  fail(`${check.stderr}\nbuild-addon: the addon was built, but a training step with it failed.`);
console.log(`build-addon: built ${addon}. ${check.stdout.trim()}`);
