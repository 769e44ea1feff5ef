import type {
  CheckpointEntry,
  CheckpointSnapshot,
  CheckpointStore,
  CheckpointTensor,
  EstimatorPorts,
  ProgressReporter,
  SavedCheckpoint,
  SummaryScalar,
  SummarySink,
} from '../src';

type StoredSnapshot = CheckpointSnapshot & {
  readonly savedAt: number;
  readonly parent: number | null;
};

const hasFiniteValues = ({ data }: CheckpointTensor): boolean =>
  !(data instanceof Float32Array || data instanceof Float64Array) || data.every(Number.isFinite);

/** Keeps every checkpoint in memory. */
export class MemoryStore implements CheckpointStore {
  /** By step, in the order of saving. */
  readonly snapshots = new Map<number, StoredSnapshot>();
  /** The clock of `savedAt`. Default: the number of saves so far */
  now = () => this.snapshots.size;
  /** Steps whose checkpoints are damaged. */
  readonly damaged = new Set<number>();
  problems: readonly string[] = [];
  rankedBy: readonly string[] = [];

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

  /** The step of the checkpoint saved last, and of those from which it descends. */
  get #lineage(): ReadonlySet<number> {
    const all = [...this.snapshots.values()];
    const end = all.findLast(({ isNonFinite }) => !isNonFinite) ?? all.at(-1);
    const lineage = new Set<number>();
    for (let step = end?.globalStep ?? null; step !== null; ) {
      lineage.add(step);
      step = this.snapshots.get(step)?.parent ?? null;
    }
    return lineage;
  }

  #marksOf({ globalStep, isNonFinite, parent }: StoredSnapshot) {
    const lineage = this.#lineage;
    const continues = isNonFinite && (parent === null || lineage.has(parent));
    return {
      ...(!lineage.has(globalStep) && !continues && { isAbandoned: true as const }),
      ...(isNonFinite && { isNonFinite: true as const }),
    };
  }

  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    const ascending = [...this.snapshots.values()].sort((a, b) => a.globalStep - b.globalStep);
    return new Map(
      ascending.map((snapshot) => [
        snapshot.globalStep,
        Object.freeze({
          file: this.fileOf(snapshot.globalStep),
          ...(snapshot.metrics && { metrics: Object.freeze({ ...snapshot.metrics }) }),
          ...this.#marksOf(snapshot),
        }),
      ]),
    );
  }

  get saved(): readonly SavedCheckpoint[] {
    return [...this.snapshots.values()].map((snapshot) =>
      Object.freeze({
        globalStep: snapshot.globalStep,
        savedAt: snapshot.savedAt,
        ...(snapshot.metrics && { metrics: Object.freeze({ ...snapshot.metrics }) }),
        ...this.#marksOf(snapshot),
      }),
    );
  }

  fileOf(globalStep: number): string {
    return `model_iter-${globalStep}`;
  }

  get state(): unknown {
    return structuredClone([...this.snapshots.values()].at(-1)?.state);
  }

  async save(snapshot: CheckpointSnapshot): Promise<string> {
    const savedAt = this.now();
    const { globalStep, tensors, isNonFinite = !tensors.every(hasFiniteValues) } = snapshot;
    const parent = this.#parentOf(snapshot);
    const replaced = this.snapshots.get(globalStep);
    // Its children continue from where it did.
    for (const [step, child] of this.snapshots) {
      if (replaced !== undefined && child.parent === globalStep)
        this.snapshots.set(step, { ...child, parent: replaced.parent });
    }
    // To the end of the order of saving.
    this.snapshots.delete(globalStep);
    this.snapshots.set(globalStep, { ...structuredClone(snapshot), savedAt, isNonFinite, parent });
    return this.fileOf(globalStep);
  }

  #parentOf({ globalStep, parent }: CheckpointSnapshot): number | null {
    if (parent === globalStep) return this.snapshots.get(globalStep)?.parent ?? null;
    if (parent === null || (parent !== undefined && this.snapshots.has(parent))) return parent;
    let step: number | null = [...this.snapshots.keys()].at(-1) ?? null;
    while (step !== null && step >= globalStep) step = this.snapshots.get(step)?.parent ?? null;
    return step;
  }

  async recordMetrics(globalStep: number, metrics: Record<string, number>): Promise<boolean> {
    const snapshot = this.snapshots.get(globalStep);
    if (snapshot === undefined) return false;
    this.snapshots.set(globalStep, { ...snapshot, metrics: { ...metrics } });
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
    const end = this.saved.findLast(({ isAbandoned, isNonFinite }) => !isAbandoned && !isNonFinite);
    return end && this.checkpoints.get(end.globalStep);
  }

  best(): CheckpointEntry | undefined {
    const measured = [...this.checkpoints.values()].filter(
      ({ metrics, isAbandoned, isNonFinite }) =>
        Number.isFinite(metrics?.loss) && !isAbandoned && !isNonFinite,
    );
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
