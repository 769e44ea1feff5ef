import {
  type ClassesMeasured,
  checkNumClasses,
  confusionResult,
  confusionUpdate,
} from './confusion-matrix';
import { divideNoNan, type Metric, type MetricConfig, type MetricTotals } from './metric';

export const meanIoUResult = (config: MetricConfig) => {
  const matrixOf = confusionResult('meanIoU', config);
  return (totals: MetricTotals): number => {
    const matrix = matrixOf(totals);
    let sum = 0;
    let classes = 0;
    matrix.forEach((row, id) => {
      const intersection = row[id] ?? 0;
      const labelled = row.reduce((total, count) => total + count, 0);
      const predicted = matrix.reduce((total, { [id]: count = 0 }) => total + count, 0);
      const union = labelled + predicted - intersection;
      sum += divideNoNan(intersection, union);
      if (union > 0) classes += 1;
    });
    return divideNoNan(sum, classes);
  };
};

/**
 * Intersection over union of labels and predictions, averaged over the classes that occur; 0 when none
 * does.
 *
 * @throws MetricError when updated with different shapes; from `result` when a class id was outside
 *   0 to numClasses - 1
 * @see tf.metrics.mean_iou of TensorFlow 1
 */
export const meanIoU = (measured: ClassesMeasured): Metric => {
  const config = { numClasses: measured.numClasses };
  checkNumClasses('meanIoU', measured.numClasses);
  return {
    kind: 'meanIoU',
    config,
    update: () => confusionUpdate('meanIoU', measured),
    result: meanIoUResult(config),
  };
};
