import { describe, expect, it } from 'vitest';
import {
  dataTypeOf,
  dtypeOf,
  fixedDTypes,
  fixedLayouts,
  isFixedDType,
  readableDTypes,
} from './dtypes';
import { DataType } from './gen/tensorflow/tensor_pb';

const dataTypes = Object.values(DataType).filter((value) => typeof value === 'number');

describe('dtypes', () => {
  it('give every number of the DataType enum one name, and back', () => {
    for (const dataType of dataTypes.filter((value) => value !== DataType.DT_INVALID)) {
      const dtype = dtypeOf(dataType);
      expect(dtype && dataTypeOf(dtype), DataType[dataType]).toBe(dataType);
    }
    expect(new Set(readableDTypes).size).toBe(readableDTypes.length);
  });

  it('are named as in TensorFlow', () => {
    expect(dataTypeOf('float32')).toBe(1);
    expect(dataTypeOf('float16')).toBe(DataType.DT_HALF);
    expect(dtypeOf(DataType.DT_DOUBLE)).toBe('float64');
    expect(dtypeOf(DataType.DT_FLOAT8_E4M3FN)).toBe('float8_e4m3fn');
    expect(dtypeOf(DataType.DT_VARIANT)).toBe('variant');
  });

  it('are undefined for numbers outside the table', () => {
    expect([dtypeOf(DataType.DT_INVALID), dtypeOf(101), dtypeOf(-1)]).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('have layouts whose size is that of their lanes', () => {
    for (const dtype of fixedDTypes) {
      const { array, lanes, size } = fixedLayouts[dtype];
      expect(new array(lanes).byteLength, dtype).toBe(size);
    }
    expect(fixedLayouts.complex64).toMatchObject({ size: 8, lanes: 2, array: Float32Array });
    expect(fixedLayouts.bfloat16).toMatchObject({ size: 2, lanes: 1, array: Uint16Array });
  });

  it('are fixed unless string, resource or variant', () => {
    expect(readableDTypes.filter((dtype) => !isFixedDType(dtype))).toEqual(['string']);
    expect([isFixedDType('resource'), isFixedDType('variant'), isFixedDType('bool')]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
