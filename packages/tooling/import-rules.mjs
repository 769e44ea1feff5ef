/**
 * Who may import whom, between packages. The keys are folders in `packages/`; each package may import itself,
 * `internal`, and the packages listed. Packages that use `@tensorflow/tfjs` say so.
 */
const packageTable = {
  internal: [],
  protos: [],
  progress: [],
  checkpoint: ['protos'],
  tensorboard: ['protos'],
  libtensorflow: ['protos'],
  graph: ['tfjs', 'protos', 'libtensorflow'],
  backend: ['tfjs', 'libtensorflow'],
  core: ['tfjs', 'graph'],
  elistimator: [
    'tfjs',
    'backend',
    'checkpoint',
    'core',
    'graph',
    'libtensorflow',
    'progress',
    'tensorboard',
  ],
  'tfjs-suite': ['tfjs', 'backend', 'graph', 'libtensorflow'],
  examples: ['tfjs', 'elistimator', 'checkpoint', 'tensorboard'],
};

/** Packages whose npm name is not `@elistimator/` and the folder's name. */
const npmNames = { elistimator: 'elistimator', tensorboard: 'tfjs-tensorboard-writer' };

/**
 * Who may import whom, between the folders of `packages/core/src` ("rooms"). A room may import itself, the rooms
 * listed, and whatever those may import; all but `errors` and `ports` may import these two.
 */
const coreTable = {
  errors: [],
  ports: [],
  lazy: [],
  dataset: [],
  scope: [],
  layers: ['scope'],
  metrics: ['scope', 'lazy'],
  specs: ['metrics'],
  model: ['specs', 'layers', 'dataset'],
  trace: ['model'],
  execution: ['trace'],
  events: [],
  rounds: ['execution', 'events'],
  checkpoints: ['model', 'events'],
  lifecycle: ['rounds', 'checkpoints'],
  estimator: ['lifecycle'],
};

/** Everything that a room may import, itself included. */
const reachable = (room) => {
  if (room === 'errors' || room === 'ports') return [room];
  return [...new Set([room, 'errors', 'ports', ...coreTable[room].flatMap(reachable)])];
};

/** A room is a folder, or a single file of that name. */
const roomPath = (room) => `^packages/core/src/${room}(/|\\.ts$)`;

const npmName = (folder) => npmNames[folder] ?? `@elistimator/${folder}`;

/** Matches what an import of the package resolves to; its bare name, when the package is not built. */
const packagePaths = (folder) => [`^packages/${folder}/`, `^${npmName(folder)}(/|$)`];

const tfjsPath = '(^|/)@tensorflow/';

const packageRules = Object.entries(packageTable).flatMap(([folder, allowed]) => {
  const others = [...Object.keys(packageTable), 'benchmarks'].filter(
    (other) => other !== folder && other !== 'internal' && !allowed.includes(other),
  );
  const rules = [
    {
      name: `package-${folder}`,
      comment: `packages/${folder} may import ${['internal', ...allowed].join(', ')}.`,
      severity: 'error',
      from: { path: `^packages/${folder}/src/` },
      to: { path: others.flatMap(packagePaths) },
    },
  ];
  if (!allowed.includes('tfjs')) {
    rules.push({
      name: `package-${folder}-has-no-tfjs`,
      comment: `packages/${folder} works without TensorFlow.js.`,
      severity: 'error',
      from: { path: `^packages/${folder}/src/` },
      to: { path: tfjsPath },
    });
  }
  return rules;
});

const roomRules = [
  ...Object.keys(coreTable).map((room) => ({
    name: `core-${room}`,
    comment: `packages/core/src/${room} may import ${reachable(room).join(', ')}.`,
    severity: 'error',
    from: { path: roomPath(room) },
    to: { path: '^packages/core/src/', pathNot: reachable(room).map(roomPath) },
  })),
  {
    name: 'core-unknown-room',
    comment: 'Add the folder to the table in packages/tooling/import-rules.mjs.',
    severity: 'error',
    from: {
      path: '^packages/core/src/',
      pathNot: ['^packages/core/src/index\\.ts$', ...Object.keys(coreTable).map(roomPath)],
    },
    to: {},
  },
];

/** The rules in the form that dependency-cruiser takes. */
export const importRules = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that import each other, directly or not, have no order to read them in.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'by-package-name',
      comment: 'Import another package by its npm name, not by a path into its sources.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: {
        path: '^packages/[^/]+/src/',
        // The two private packages whose exports are their sources.
        pathNot: ['^packages/$1/', '^packages/internal/', '^packages/examples/'],
      },
    },
    ...packageRules,
    ...roomRules,
  ],
};
