import { floatAttribute, type LoweredTensor, textAttribute, typeAttribute } from './graph-builder';
import type { KernelLowering, LowerKernel } from './kernel-lowering';

/*
 * Kernels that compute each element on its own. TensorFlow's operations broadcast their inputs as tfjs's do.
 */

const unary =
  (op: string, input = 'x'): LowerKernel =>
  (call) =>
    call.apply(op, [call.input(input)]);

/** A test of each element: TensorFlow has it for floats. */
const test =
  (op: string): LowerKernel =>
  (call) =>
    call.apply(op, [call.b.cast(call.input('x'), 'float32')], {}, ['bool']);

const binary =
  (op: string): LowerKernel =>
  (call) => {
    const [a, b] = sameDType(call, call.input('a'), call.input('b'));
    return call.apply(op, [a, b]);
  };

/** TensorFlow computes with both inputs in one dtype, which tfjs's callers see to, apart from comparisons. */
const sameDType = (
  call: KernelLowering,
  a: LoweredTensor,
  b: LoweredTensor,
): readonly [LoweredTensor, LoweredTensor] => {
  if (a.dtype === b.dtype) return [a, b];
  const widest = [a.dtype, b.dtype].includes('float32') ? 'float32' : 'int32';
  return [call.b.cast(a, widest), call.b.cast(b, widest)];
};

const comparison =
  (op: string): LowerKernel =>
  (call) => {
    const [a, b] = sameDType(call, call.input('a'), call.input('b'));
    const isOrder = op !== 'Equal' && op !== 'NotEqual';
    const numbers =
      isOrder && a.dtype === 'bool' ? [a, b].map((x) => call.b.cast(x, 'int32')) : [a, b];
    return call.apply(op, numbers, {}, ['bool']);
  };

/** Logical operations, whose TensorFlow versions have no attribute. */
const logical =
  (op: string): LowerKernel =>
  (call) =>
    call.results(op, { inputs: ['a', 'b'].map((name) => call.input(name)), outputs: ['bool'] });

/** `condition ? yes : no`, element by element, with broadcasting. */
const select = (
  call: KernelLowering,
  condition: LoweredTensor,
  yes: LoweredTensor,
  no: LoweredTensor,
): LoweredTensor =>
  call.b.op('SelectV2', {
    inputs: [condition, yes, no],
    attributes: { T: typeAttribute(yes.dtype) },
    outputs: [yes.dtype],
  });

const compare = (
  call: KernelLowering,
  op: string,
  left: LoweredTensor,
  right: LoweredTensor,
): LoweredTensor =>
  call.b.op(op, {
    inputs: [left, right],
    attributes: { T: typeAttribute(left.dtype) },
    outputs: ['bool'],
  });

/** 1 above zero, `alpha` elsewhere, and NaN for NaN. */
const step: LowerKernel = (call) => {
  const x = call.input('x');
  const { b } = call;
  const dtype = x.dtype === 'int32' ? 'int32' : 'float32';
  const number = (value: number) => b.scalar(dtype, value);
  const isAbove = compare(call, 'Greater', x, number(0));
  const value = select(call, isAbove, number(1), number(call.number('alpha', 0)));
  if (dtype === 'int32') return call.alias(value);
  const isNumber = compare(call, 'Equal', x, x);
  return call.apply('SelectV2', [isNumber, value, x], { T: typeAttribute(x.dtype) }, [x.dtype]);
};

const clip: LowerKernel = (call) => {
  const x = call.input('x');
  const dtype = x.dtype === 'int32' ? 'int32' : 'float32';
  const bounds = ['clipValueMin', 'clipValueMax'].map((name) =>
    call.b.scalar(dtype, call.number(name)),
  );
  return call.apply('ClipByValue', [x, ...bounds]);
};

const cast: LowerKernel = (call) => {
  const x = call.input('x');
  const { dtype } = call.output;
  if (x.dtype === 'string' && dtype !== 'string') call.fail('a number', 'a string');
  return call.results('Cast', {
    inputs: [x],
    attributes: { SrcT: typeAttribute(x.dtype), DstT: typeAttribute(dtype) },
    outputs: [dtype],
  });
};

/** TensorFlow's condition must broadcast against the values from the right; tfjs's may select rows. */
const selectKernel: LowerKernel = (call) => {
  const condition = call.input('condition');
  const values = [call.input('t'), call.input('e')];
  const rank = call.output.shape.length;
  const isRows = call.rankOf('condition') === 1 && rank > 1;
  const { shape } = call.typeOf('condition');
  const fitted = isRows
    ? call.b.reshape(condition, [...shape, ...Array<number>(rank - 1).fill(1)])
    : condition;
  const { dtype } = call.output;
  return call.apply('SelectV2', [fitted, ...values], { T: typeAttribute(dtype) }, [dtype]);
};

/** The product with `alpha` where x is below zero. */
export const prelu = (
  call: KernelLowering,
  x: LoweredTensor,
  alpha: LoweredTensor,
): LoweredTensor => {
  const isBelow = compare(call, 'Less', x, call.b.scalar('float32', 0));
  return select(call, isBelow, call.b.binary('Mul', x, alpha), x);
};

/** Applies the activation of a fused kernel. */
export const activate = (
  call: KernelLowering,
  activation: string,
  x: LoweredTensor,
): LoweredTensor => {
  const apply = (op: string, attributes = {}) =>
    call.b.op(op, { inputs: [x], attributes: { T: typeAttribute(x.dtype), ...attributes } });
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return apply('Relu');
    case 'relu6':
      return apply('Relu6');
    case 'elu':
      return apply('Elu');
    case 'sigmoid':
      return apply('Sigmoid');
    case 'leakyrelu':
      return apply('LeakyRelu', { alpha: floatAttribute(call.number('leakyreluAlpha', 0.2)) });
    case 'prelu':
      return prelu(call, x, call.input('preluActivationWeights'));
    default:
      return call.fail('an activation of tfjs', activation);
  }
};

const names = (ops: readonly string[], make: (op: string) => LowerKernel) =>
  Object.fromEntries(ops.map((op) => [op, make(op)]));

export const elementwise: Readonly<Record<string, LowerKernel>> = {
  ...names(
    [
      ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh'],
      ...['Elu', 'Erf', 'Exp', 'Expm1', 'Floor', 'Log', 'Log1p', 'Neg', 'Reciprocal', 'Relu'],
      ...['Relu6', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus'],
      ...['Sqrt', 'Square', 'Tan', 'Tanh', 'ZerosLike', 'OnesLike', 'Identity'],
    ],
    (op) => unary(op),
  ),
  // TensorFlow 2.21's kernel returns zeros for integers.
  Round: (call) =>
    call.input('x').dtype === 'int32' ? call.alias(call.input('x')) : unary('Round')(call),
  ...names(['IsFinite', 'IsInf', 'IsNan'], test),
  ...names(
    [
      'FloorDiv',
      'Maximum',
      'Minimum',
      'Pow',
      'RealDiv',
      'SquaredDifference',
      'Sub',
      'Atan2',
      'BitwiseAnd',
    ],
    binary,
  ),
  Add: binary('AddV2'),
  Multiply: binary('Mul'),
  Mod: binary('FloorMod'),
  AddN: (call) => {
    const { list } = call;
    return call.apply('AddN', list, { N: { value: { case: 'i', value: BigInt(list.length) } } });
  },
  ...names(['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'], comparison),
  ...names(['LogicalAnd', 'LogicalOr'], logical),
  LogicalNot: (call) =>
    call.results('LogicalNot', { inputs: [call.input('x')], outputs: ['bool'] }),
  LogicalXor: (call) => call.apply('NotEqual', [call.input('a'), call.input('b')], {}, ['bool']),
  LeakyRelu: (call) =>
    call.apply('LeakyRelu', [call.input('x')], {
      alpha: floatAttribute(call.number('alpha', 0.2)),
    }),
  EluGrad: (call) => call.apply('EluGrad', [call.input('dy'), call.input('y')]),
  Prelu: (call) => call.alias(prelu(call, call.input('x'), call.input('alpha'))),
  Step: step,
  ClipByValue: clip,
  Cast: cast,
  Select: selectKernel,
  Complex: (call) =>
    call.results('Complex', {
      inputs: [call.input('real'), call.input('imag')],
      attributes: { T: typeAttribute('float32'), Tout: typeAttribute('complex64') },
      outputs: ['complex64'],
    }),
  ...names(
    ['Real', 'Imag'],
    (op) => (call) =>
      call.results(op, {
        inputs: [call.input('input')],
        attributes: { T: typeAttribute('complex64'), Tout: typeAttribute('float32') },
        outputs: ['float32'],
      }),
  ),
  ComplexAbs: (call) =>
    call.results('ComplexAbs', {
      inputs: [call.input('x')],
      attributes: { T: typeAttribute('complex64'), Tout: typeAttribute('float32') },
      outputs: ['float32'],
    }),
  StaticRegexReplace: (call) =>
    call.results('StaticRegexReplace', {
      inputs: [call.input('x')],
      attributes: {
        pattern: textAttribute(call.text('pattern')),
        rewrite: textAttribute(call.text('rewrite')),
        replace_global: { value: { case: 'b', value: call.boolean('replaceGlobal') } },
      },
    }),
  StringToHashBucketFast: (call) => {
    const buckets = BigInt(call.number('numBuckets'));
    const hashed = call.b.op('StringToHashBucketFast', {
      inputs: [call.input('input')],
      attributes: { num_buckets: { value: { case: 'i', value: buckets } } },
      outputs: ['int64'],
    });
    return call.results('Cast', {
      inputs: [hashed],
      attributes: { SrcT: typeAttribute('int64'), DstT: typeAttribute('int32') },
      outputs: ['int32'],
    });
  },
};
