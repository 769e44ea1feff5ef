import { runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import {
  caseOf,
  differentiated,
  type GradientResult,
  gradientInto,
  inputsOf,
} from './run-gradient-case';

const source = `
import json, sys
import tensorflow as tf

def recurrent(kind, x, **options):
    layer = getattr(tf.keras.layers, kind)(4, return_sequences=True, **options)
    layer.build(x[0].shape)
    layer.set_weights([w.numpy() for w in x[1:]])
    return layer(x[0])

flat = lambda t: tf.reshape(t, [-1]).numpy().tolist()

def answer(case):
    x = [tf.constant(values, tf.float32, shape) for values, shape in zip(case['values'], case['shapes'])]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = eval(case['python'])
    dy = tf.constant(case['dy'], tf.float32, y.shape)
    gradients = tape.gradient(y, x[:case['differentiate']], dy)
    return {'y': flat(y), 'gradients': [flat(tf.convert_to_tensor(g)) for g in gradients]}

results = {}
for name, case in json.load(sys.stdin).items():
    try:
        results[name] = answer(case)
    except Exception as error:
        raise RuntimeError(name) from error
print(json.dumps(results))
`;

/** Computes every case in Python's TensorFlow, with the same inputs. */
export const askPython = (
  python: string,
  resultShapes: Readonly<Record<string, readonly number[]>>,
): Readonly<Record<string, GradientResult>> => {
  const cases = Object.entries(resultShapes).map(([name, shape]) => {
    const [inputs, dy] = [inputsOf(name), gradientInto(name, shape)];
    const pythonCase = {
      python: caseOf(name).python,
      shapes: caseOf(name).shapes,
      differentiate: differentiated(name),
      values: inputs.map((x) => [...x.dataSync()]),
      dy: [...dy.dataSync()],
    };
    tf.dispose([...inputs, dy]);
    return [name, pythonCase];
  });
  const stdin = JSON.stringify(Object.fromEntries(cases));
  return runPython<Record<string, GradientResult>>(python, source, [], stdin);
};
