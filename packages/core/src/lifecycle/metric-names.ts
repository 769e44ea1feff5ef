import { didYouMean, listNames } from '@elistimator/internal';
import { OptionError } from '../errors';
import { metricResult } from '../metrics/registry';
import type { ModelSpecs } from '../model/model';
import type { ModelProgram } from '../model/model-program';
import type { ProgressReporter, SaveTrigger } from '../ports';

/** Names of metrics in an option of `setup()`. */
export interface MetricReference {
  readonly option: 'trainSaverArgs' | 'saveWhen';
  readonly name: string;
}

/** The names of metrics that options of `setup()` contain. */
export const metricReferences = (
  rankedBy: readonly string[],
  saveWhen: SaveTrigger | undefined,
): readonly MetricReference[] => [
  ...rankedBy.map((name) => ({ option: 'trainSaverArgs' as const, name })),
  ...(saveWhen?.metrics ?? []).map((name) => ({ option: 'saveWhen' as const, name })),
];

/** Metrics by name, and what is known of their values. */
type KnownMetrics = Readonly<Record<string, 'a number' | 'not a number' | 'unknown'>>;

const reject = ({ option, name }: MetricReference, known: KnownMetrics): never => {
  const usable = Object.keys(known).filter((metric) => known[metric] !== 'not a number');
  throw new OptionError({
    subject: `metric "${name}" in ${option} of setup()`,
    expected: `a metric of the EvaluationSpec whose value is a number: ${listNames(usable, usable.length)}`,
    actual: Object.hasOwn(known, name) ? 'one whose value is not a number' : 'an unknown name',
    fix: didYouMean(name, usable),
  });
};

const assertKnown = (references: readonly MetricReference[], known: KnownMetrics): void => {
  const wrong = references.find(
    ({ name }) => !Object.hasOwn(known, name) || known[name] === 'not a number',
  );
  if (wrong !== undefined) reject(wrong, known);
};

/** The metrics in a graph; undefined if evaluation can't be traced, so that they are not known yet. */
const metricsOf = (program: ModelProgram): KnownMetrics | undefined => {
  if (!program.hasSignature('evaluate')) return undefined;
  const { metrics } = program.traced.description;
  const kinds = Object.entries(metrics).map(([name, { kind, config }]) => {
    try {
      const isNumber = typeof metricResult(kind, config)({}) === 'number';
      return [name, isNumber ? 'a number' : 'not a number'] as const;
    } catch {
      return [name, 'unknown'] as const;
    }
  });
  return { ...Object.fromEntries(kinds), loss: 'a number' };
};

/** What `setup()` knows about metrics and validations. */
interface MetricSetup {
  readonly program: ModelProgram;
  readonly specs: ModelSpecs;
  readonly saveWhen: SaveTrigger | undefined;
  readonly hasValidation: boolean;
  readonly progress: ProgressReporter;
}

/**
 * Checks the metrics that options of `setup()` name, as far as the model's metrics are known before a
 * validation. Prints a message when there are no validations to measure them.
 *
 * @throws OptionError for an unknown name, a metric whose value is not a number, and a trigger that
 *   would never save
 */
export const assertMetricReferences = (
  references: readonly MetricReference[],
  { program, specs, saveWhen, hasValidation, progress }: MetricSetup,
): void => {
  const known = specs.evaluates ? metricsOf(program) : undefined;
  if (known !== undefined) assertKnown(references, known);
  if (hasValidation && specs.evaluates) return;
  const missing = hasValidation ? 'EvaluationSpec' : 'validationInputFn';
  if (saveWhen?.needsValidation === true) {
    throw new OptionError({
      subject: 'saveWhen of setup()',
      expected: `${hasValidation ? 'a model function with an' : 'a'} ${missing}, since it saves after validations only`,
      actual: 'none',
      fix: `Provide one, or save at other times too: saveOnAnyOf(saveEveryNSteps(500), saveOnImprovement({ … })).`,
    });
  }
  for (const { option, name } of references) {
    progress.message(
      `${option} refers to the metric "${name}", but without ${missing} nothing measures it.`,
    );
  }
};

/**
 * Checks the metrics that options of `setup()` name against the result of a validation.
 *
 * @throws OptionError for an unknown name, and for a metric whose value is not a number
 */
export const assertMeasured = (
  references: readonly MetricReference[],
  result: Readonly<Record<string, unknown>>,
): void => {
  const values = Object.entries(result).map(
    ([name, value]) => [name, typeof value === 'number' ? 'a number' : 'not a number'] as const,
  );
  assertKnown(references, Object.fromEntries(values));
};
