import {
  boolAttribute,
  floatAttribute,
  type LoweredTensor,
  type OpParts,
  textAttribute,
  typeAttribute,
} from './graph-builder';
import type { KernelLowering, LowerKernel } from './kernel-lowering';
import { isChannelsFirst, paddingOf, perDimension, windowsOf } from './windows';

/* Pools, normalization of batches, and what resizes or crops images. */

const int32 = typeAttribute('int32');
const float32 = typeAttribute('float32');

const poolAttributes = (
  call: KernelLowering,
  dimensions: number,
): NonNullable<OpParts['attributes']> => {
  if (isChannelsFirst(call)) call.fail('channels last', 'channels first');
  const { strides, padding, explicitPaddings } = windowsOf(call, dimensions);
  if (dimensions === 3 && 'explicit_paddings' in explicitPaddings) {
    call.fail('padding "same" or "valid"', 'a number');
  }
  return {
    ksize: perDimension(call.numbers('filterSize', dimensions)),
    strides,
    padding,
    ...explicitPaddings,
  };
};

const maxPool =
  (op: string, dimensions: number): LowerKernel =>
  (call) =>
    call.apply(op, [call.input('x')], poolAttributes(call, dimensions));

const maxPoolGrad =
  (op: string, dimensions: number): LowerKernel =>
  (call) =>
    call.apply(op, [call.input('input'), call.input('output'), call.input('dy')], {
      ...poolAttributes(call, dimensions),
      ...(dimensions === 3 && { TInput: float32 }),
    });

/** TensorFlow's mean has no padding of explicit sizes; tfjs's divides by the number of elements inside. */
const avgPool =
  (op: string, dimensions: number): LowerKernel =>
  (call) => {
    const x = call.input('x');
    const padding = paddingOf(call, dimensions);
    if (padding.mode !== 'EXPLICIT') return call.apply(op, [x], poolAttributes(call, dimensions));
    const { b } = call;
    const pairs = [0, 0, ...padding.sizes.flat(), 0, 0];
    const attributes = {
      ksize: perDimension(call.numbers('filterSize', dimensions)),
      strides: perDimension(call.numbers('strides', dimensions)),
      padding: textAttribute('VALID'),
    };
    const meanOf = (tensor: LoweredTensor): LoweredTensor => {
      const padded = b.op('PadV2', {
        inputs: [tensor, b.constant('int32', [pairs.length / 2, 2], pairs), b.scalar('float32', 0)],
        attributes: { T: float32, Tpaddings: int32 },
      });
      return b.op(op, { inputs: [padded], attributes: { T: float32, ...attributes } });
    };
    const ones = b.op('OnesLike', { inputs: [x], attributes: { T: float32 } });
    return call.apply('RealDiv', [meanOf(x), meanOf(ones)]);
  };

const avgPoolGrad =
  (op: string, dimensions: number): LowerKernel =>
  (call) => {
    if (paddingOf(call, dimensions).mode === 'EXPLICIT') {
      call.fail('padding "same" or "valid"', 'a number');
    }
    return call.results(op, {
      inputs: [call.b.shape(call.output.shape), call.input('dy')],
      attributes: { T: float32, ...poolAttributes(call, dimensions) },
      outputs: ['float32'],
    });
  };

const maxPoolWithArgmax: LowerKernel = (call) => {
  const { explicit_paddings: isExplicit, ...attributes } = poolAttributes(call, 2);
  if (isExplicit) call.fail('padding "same" or "valid"', 'a number');
  const [values, indices] = call.b.ops('MaxPoolWithArgmax', {
    inputs: [call.input('x')],
    attributes: {
      T: float32,
      Targmax: typeAttribute('int64'),
      include_batch_in_index: boolAttribute(call.boolean('includeBatchInIndex')),
      ...attributes,
    },
    outputs: ['float32', 'int64'],
  });
  if (values === undefined || indices === undefined) return call.fail('two outputs', 'fewer');
  return call.apply(
    'IdentityN',
    [values, call.b.cast(indices, 'int32')],
    {
      T: { value: { case: 'list', value: { type: [1, 3] } } },
    },
    ['float32', 'int32'],
  );
};

/**
 * `(x - mean) / sqrt(variance + epsilon) * scale + offset`. Not by FusedBatchNormV3: where all of its inputs but x
 * are constants, the optimizer of TensorFlow 2.21 may make a product of it that is off by the factor epsilon.
 */
const batchNorm: LowerKernel = (call) => {
  const { b } = call;
  const [scale, offset] = [call.optional('scale'), call.optional('offset')];
  const epsilon = b.scalar('float32', call.number('varianceEpsilon', 0.001));
  const shifted = b.binary('AddV2', call.input('variance'), epsilon);
  const inverse = b.op('Rsqrt', { inputs: [shifted], attributes: { T: float32 } });
  const centered = b.binary('Sub', call.input('x'), call.input('mean'));
  const scaled = b.binary('Mul', centered, scale ? b.binary('Mul', inverse, scale) : inverse);
  return offset ? call.apply('AddV2', [scaled, offset]) : call.alias(scaled);
};

const resize =
  (op: string): LowerKernel =>
  (call) =>
    call.apply(op, [call.input('images'), call.b.vector(call.numbers('size'))], corners(call), [
      op === 'ResizeBilinear' ? 'float32' : call.input('images').dtype,
    ]);

const corners = (call: KernelLowering) => ({
  align_corners: boolAttribute(call.boolean('alignCorners')),
  half_pixel_centers: boolAttribute(call.boolean('halfPixelCenters')),
});

const cropAndResize: LowerKernel = (call) =>
  call.apply(
    'CropAndResize',
    [
      call.input('image'),
      call.input('boxes'),
      call.input('boxInd'),
      call.b.vector(call.numbers('cropSize')),
    ],
    {
      method: textAttribute(call.text('method')),
      extrapolation_value: floatAttribute(call.number('extrapolationValue', 0)),
    },
    ['float32'],
  );

const transform: LowerKernel = (call) =>
  call.results('ImageProjectiveTransformV3', {
    inputs: [
      call.input('image'),
      call.input('transforms'),
      call.b.shape(call.output.shape.slice(1, 3)),
      call.b.scalar('float32', call.number('fillValue', 0)),
    ],
    attributes: {
      dtype: typeAttribute(call.input('image').dtype),
      interpolation: textAttribute(call.text('interpolation').toUpperCase()),
      fill_mode: textAttribute(call.text('fillMode').toUpperCase()),
    },
  });

const nonMaxSuppression: LowerKernel = (call) => {
  const { b } = call;
  return call.results('NonMaxSuppressionV4', {
    inputs: [
      call.input('boxes'),
      call.input('scores'),
      b.scalar('int32', call.number('maxOutputSize')),
      b.scalar('float32', call.number('iouThreshold')),
      b.scalar('float32', call.number('scoreThreshold')),
    ],
    attributes: {
      T: float32,
      T_threshold: float32,
      pad_to_max_output_size: boolAttribute(call.boolean('padToMaxOutputSize')),
    },
    outputs: ['int32', 'int32'],
  });
};

export const images: Readonly<Record<string, LowerKernel>> = {
  MaxPool: maxPool('MaxPool', 2),
  MaxPool3D: maxPool('MaxPool3D', 3),
  MaxPoolGrad: maxPoolGrad('MaxPoolGrad', 2),
  MaxPool3DGrad: maxPoolGrad('MaxPool3DGrad', 3),
  MaxPoolWithArgmax: maxPoolWithArgmax,
  AvgPool: avgPool('AvgPool', 2),
  AvgPool3D: avgPool('AvgPool3D', 3),
  AvgPoolGrad: avgPoolGrad('AvgPoolGrad', 2),
  AvgPool3DGrad: avgPoolGrad('AvgPool3DGrad', 3),
  FusedBatchNorm: batchNorm,
  ResizeBilinear: resize('ResizeBilinear'),
  ResizeNearestNeighbor: resize('ResizeNearestNeighbor'),
  ResizeBilinearGrad: (call) =>
    call.apply('ResizeBilinearGrad', [call.input('dy'), call.input('images')], corners(call)),
  ResizeNearestNeighborGrad: (call) =>
    call.apply(
      'ResizeNearestNeighborGrad',
      [call.input('dy'), call.b.shape(call.output.shape.slice(1, 3))],
      corners(call),
    ),
  CropAndResize: cropAndResize,
  FlipLeftRight: (call) =>
    call.apply('ReverseV2', [call.input('image'), call.b.vector([2])], { Tidx: int32 }),
  Transform: transform,
  NonMaxSuppressionV4: nonMaxSuppression,
};
