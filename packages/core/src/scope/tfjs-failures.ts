import { listNames } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';

const missingKernel = /Kernel '([^']+)' not registered for backend '([^']+)'/;
const missingGradient = /gradient function not found for (\w+)/;
const unsupportedDtype = /Unknown dtype (\w+)/;

/** The operation whose gradient tfjs didn't find; undefined for any other error. */
export const operationWithoutGradient = (error: unknown): string | undefined =>
  error instanceof Error ? missingGradient.exec(error.message)?.[1] : undefined;

const onBackend = () => `backend "${tf.getBackend()}"`;

/**
 * Explains an error of tfjs that says nothing of the model. Other errors are returned as they are.
 *
 * @param place the layer, or the model function
 */
export const explainFailure = (error: unknown, place: string): unknown => {
  if (!(error instanceof Error) || error instanceof ModelFnError) return error;
  const [, kernel, backend] = missingKernel.exec(error.message) ?? [];
  if (kernel !== undefined) {
    return new ModelFnError(
      {
        subject: place,
        expected: `operations that backend "${backend}" has`,
        actual: `"${kernel}", which it lacks`,
        fix: 'Choose the backend by useBackend(), which adds operations to "wasm"; or use the backend "cpu" or "libtensorflow", or other operations.',
      },
      { cause: error },
    );
  }
  const dtype = unsupportedDtype.exec(error.message)?.[1];
  if (dtype === undefined) return error;
  return new ModelFnError(
    {
      subject: place,
      expected: `dtypes that ${onBackend()} has`,
      actual: `dtype ${dtype}`,
      fix: `Convert the feature in the dataset's map(), or use the backend "cpu" or "libtensorflow".`,
    },
    { cause: error },
  );
};

/** @param layers the layers that run the operation; none if the model function runs it itself */
export const missingGradientError = (
  operation: string,
  layers: readonly string[],
  cause: unknown,
): ModelFnError =>
  new ModelFnError(
    {
      subject:
        layers.length === 0
          ? 'model function'
          : `${layers.length === 1 ? 'layer' : 'layers'} ${listNames(layers)}`,
      expected: 'operations that have a gradient, since the loss depends on variables through them',
      actual: `"${operation}", which has none on ${onBackend()}`,
      fix: "Choose the backend by useBackend(), which adds gradients that tfjs lacks; or use another operation, or apply it in the dataset's map() if it needs no variables.",
    },
    { cause },
  );
