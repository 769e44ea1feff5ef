import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { Dataset } from './dataset';

beforeAll(async () => {
  await tf.setBackend('cpu');
});
it('runs', async () => {
  const ds = Dataset.fromTensorSlices({
    a: new Float32Array(20).map((_, i) => i),
    b: { data: new Uint8Array(40), shape: [20, 2], dtype: 'float32' },
  })
    .shuffle(4, { seed: 3 })
    .batch(6);
  console.log(ds.size, ds.elementSpec);
  for await (const { a, b } of ds) {
    a.print();
    console.log(b.shape, b.dtype);
    tf.dispose([a, b]);
  }
  console.log(tf.memory());
});
