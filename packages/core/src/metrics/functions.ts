/* What the `metrics` namespace offers to model functions. */
export { accuracy } from './accuracy';
export { type AucOptions, type AucSummation, auc } from './auc';
export { binaryAccuracy } from './binary-accuracy';
export type { BinaryMeasured } from './binary-counts';
export { type ClassesMeasured, confusionMatrix } from './confusion-matrix';
export { custom } from './custom';
export { f1 } from './f1';
export { mean } from './mean';
export { meanAbsoluteError } from './mean-absolute-error';
export { meanIoU } from './mean-iou';
export { meanSquaredError } from './mean-squared-error';
export type { Measured } from './measured';
export { precision } from './precision';
export { recall } from './recall';
export { rootMeanSquaredError } from './root-mean-squared-error';
export { sparseTopKAccuracy } from './sparse-top-k-accuracy';
