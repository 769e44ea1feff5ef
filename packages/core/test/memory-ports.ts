import type {
  CheckpointEntry,
  CheckpointSnapshot,
  CheckpointStore,
  EstimatorPorts,
  ProgressReporter,
  SummaryScalar,
  SummarySink,
} from '../src';

/** Keeps every checkpoint in memory. */
export class MemoryStore implements CheckpointStore {
  /** By step, in the order of saving. */
  readonly snapshots = new Map<number, CheckpointSnapshot & { readonly savedAt: number }>();
  /** The clock of `savedAt`. Default: the number of saves so far */
  now = () => this.snapshots.size;
  /** Steps whose checkpoints are damaged. */
  readonly damaged = new Set<number>();

  /** The last arguments of `configure`. */
  saverArgs: unknown;
  configure(saverArgs: unknown): void {
    this.saverArgs = saverArgs;
  }

  isDamage(error: unknown): boolean {
    return error instanceof Error && error.name === 'CorruptCheckpointError';
  }

  async open(): Promise<void> {}
  /** The error that `acquire()` throws. */
  taken: Error | undefined;
  async acquire(): Promise<void> {
    if (this.taken) throw this.taken;
  }

  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return new Map(
      [...this.snapshots].map(([step, { metrics }]) => [
        step,
        { file: `model_iter-${step}`, metrics },
      ]),
    );
  }

  get saved() {
    return [...this.snapshots.values()];
  }

  fileOf(globalStep: number): string {
    return `model_iter-${globalStep}`;
  }

  get state(): unknown {
    return [...this.snapshots.values()].at(-1)?.state;
  }

  async save(snapshot: CheckpointSnapshot): Promise<string> {
    const savedAt = this.now();
    this.snapshots.set(snapshot.globalStep, { ...structuredClone(snapshot), savedAt });
    return this.fileOf(snapshot.globalStep);
  }

  async recordMetrics(globalStep: number, metrics: Record<string, number>): Promise<boolean> {
    const snapshot = this.snapshots.get(globalStep);
    if (snapshot === undefined) return false;
    this.snapshots.set(globalStep, { ...snapshot, metrics });
    return true;
  }

  async read(file: string) {
    const step = Number(file.split('-')[1]);
    if (this.damaged.has(step)) {
      throw Object.assign(new Error(`${file} is damaged`), { name: 'CorruptCheckpointError' });
    }
    const snapshot = this.snapshots.get(step);
    if (snapshot === undefined) throw new RangeError(`no checkpoint ${file}`);
    return snapshot.tensors;
  }

  async readAttachment(file: string, suffix: string): Promise<Uint8Array | undefined> {
    await this.read(file);
    return this.snapshots.get(Number(file.split('-')[1]))?.attachments?.[suffix];
  }

  latest(): CheckpointEntry | undefined {
    return [...this.checkpoints.values()].at(-1);
  }

  best(): CheckpointEntry | undefined {
    const measured = [...this.checkpoints.values()].filter(({ metrics }) => metrics !== undefined);
    const loss = (entry: CheckpointEntry) => entry.metrics?.loss ?? Number.POSITIVE_INFINITY;
    return measured.sort((a, b) => loss(a) - loss(b))[0] ?? this.latest();
  }

  async close(): Promise<void> {}
}

/** Collects what a run logs. */
export class MemorySink implements SummarySink {
  readonly logDir = 'memory';
  readonly points: SummaryScalar[] = [];
  /** The points of the loss. */
  get losses(): readonly SummaryScalar[] {
    return this.points.filter(({ tag }) => tag === 'loss');
  }
  readonly others: { kind: string; tag: string; step: number; value: unknown }[] = [];
  scalars(points: readonly SummaryScalar[]): void {
    this.points.push(...points);
  }
  histogram(tag: string, value: unknown, step: number): void {
    this.others.push({ kind: 'histogram', tag, step, value });
  }
  images(tag: string, value: unknown, step: number): void {
    this.others.push({ kind: 'images', tag, step, value });
  }
  text(tag: string, value: string, step: number): void {
    this.others.push({ kind: 'text', tag, step, value });
  }
  readonly graphs: Uint8Array[] = [];
  graph(graphDef: Uint8Array): void {
    this.graphs.push(graphDef);
  }
  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Collects the calls of a progress reporter as text. */
export class MemoryProgress implements ProgressReporter {
  readonly log: string[] = [];
  /** Whether `advance` requests a redraw each time. */
  always = false;
  begin({ label, total }: { label: string; total?: number | undefined }): void {
    this.log.push(`begin ${label} of ${total ?? '?'}`);
  }
  advance(): boolean {
    return this.always;
  }
  show(postfix: Readonly<Record<string, string>>): void {
    this.log.push(`show ${Object.keys(postfix).join(' ')}`);
  }
  end(): void {
    this.log.push('end');
  }
  message(text: string): void {
    this.log.push(text);
  }
}

/** Ports that keep everything in memory, to inspect. */
export class MemoryPorts implements EstimatorPorts {
  readonly modelDir = 'memory';
  readonly progress = new MemoryProgress();
  readonly store: MemoryStore;
  readonly sinks = { train: new MemorySink(), validation: new MemorySink() };
  /** The logs that were opened, as `run@step`. */
  readonly opened: string[] = [];

  constructor(store = new MemoryStore()) {
    this.store = store;
  }

  /** The loss of each training step, as logged. */
  get losses(): readonly number[] {
    return this.sinks.train.losses.map(({ value }) => value);
  }

  async prepareBackend(): Promise<void> {}
  checkpoints(): CheckpointStore {
    return this.store;
  }
  logDir(run: 'train' | 'validation'): string {
    return run;
  }
  summaries(run: 'train' | 'validation', globalStep: number): SummarySink {
    this.opened.push(`${run}@${globalStep}`);
    return this.sinks[run];
  }
}
