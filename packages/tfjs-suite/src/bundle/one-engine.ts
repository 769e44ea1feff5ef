import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const require = createRequire(import.meta.url);
/** tsup runs in the folder of the package. */
const packageFolder = process.cwd();
const coreFolder = dirname(require.resolve('@tensorflow/tfjs-core/package.json'));

/** Replaces a passage that has to exist, so that a new version of tfjs isn't left unpatched silently. */
const patch = (path: string, passage: string | RegExp, replacement: string): string => {
  const source = readFileSync(path, 'utf8');
  const patched = source.replace(passage, replacement);
  if (patched === source)
    throw new Error(`${path}: expected "${passage}", which the suite patches`);
  return patched;
};

const importCallHook = `import { callHook } from ${JSON.stringify(join(packageFolder, 'src/run/call-hook.ts'))};\n`;

/** Every operation and gradient function is called through the hook. */
const hookedFiles: Readonly<Record<string, (path: string) => string>> = {
  'ops/operation.js': (path) =>
    importCallHook +
    patch(path, 'const result = fn(...args);', 'const result = callHook.run(opName, fn, args);'),
  'gradients.js': (path) =>
    importCallHook +
    patch(
      path,
      'export { customGrad, variableGrads, valueAndGrad, valueAndGrads, grad, grads, };',
      `const hooked = (name, create) => (f) => {
        const differentiate = create(f);
        return (...args) => callHook.run(name, differentiate, args);
      };
      const hookedFunctions = [
        hooked('valueAndGrad', valueAndGrad), hooked('valueAndGrads', valueAndGrads),
        hooked('grad', grad), hooked('grads', grads),
      ];
      const [valueAndGrad_, valueAndGrads_, grad_, grads_] = hookedFunctions;
      export { customGrad, variableGrads, valueAndGrad_ as valueAndGrad, valueAndGrads_ as valueAndGrads,
        grad_ as grad, grads_ as grads };`,
    ),
};

const listTestFiles = (): string => {
  const tests = readFileSync(join(coreFolder, 'dist/tests.js'), 'utf8');
  const files = [...tests.matchAll(/^import '\.\/(.+)';$/gm)].map(([, file = '']) => file);
  if (files.length < 100) throw new Error(`tfjs-core lists ${files.length} test files only`);
  const entries = files.map((file) => {
    const path = join(coreFolder, 'dist', `${file}.js`);
    return `${JSON.stringify(file)}: () => require(${JSON.stringify(path)})`;
  });
  return `export const testFiles = {\n${entries.join(',\n')}\n};`;
};

/**
 * Bundles tfjs, its tests, its backends and our packages with one engine. In Node, tfjs's CommonJS and ES
 * modules have an engine each.
 */
export const oneEngine = (): Plugin => ({
  name: 'one-engine',
  setup: (build) => {
    build.onResolve({ filter: /^tfjs-core-tests$/ }, ({ path }) => ({ path, namespace: 'suite' }));
    build.onLoad({ filter: /.*/, namespace: 'suite' }, () => ({
      contents: listTestFiles(),
      resolveDir: packageFolder,
    }));

    // The backend loads tfjs-node's kernels from outside the bundle otherwise.
    build.onResolve({ filter: /^(node:)?module$/ }, ({ importer }) =>
      /packages[/\\]backend[/\\]dist/.test(importer)
        ? { path: join(packageFolder, 'src/run/bundled-require.ts') }
        : undefined,
    );
    build.onLoad({ filter: /packages[/\\]\w+[/\\]dist[/\\].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
    }));

    for (const [file, load] of Object.entries(hookedFiles)) {
      const filter = new RegExp(`tfjs-core/dist/${file.replace('.', '\\.')}$`);
      build.onLoad({ filter }, ({ path }) => ({ contents: load(path) }));
    }
    // ES5, whose classes can't extend those of the build with the tests, which is ES2017.
    build.onLoad({ filter: /tfjs-node\/dist\/nodejs_kernel_backend\.js$/ }, ({ path }) => ({
      contents: patch(
        path,
        '_super.call(this) || this',
        'Reflect.construct(_super, [], this.constructor)',
      ),
    }));
  },
});
