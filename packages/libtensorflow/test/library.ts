import { join } from 'node:path';
import { pythonOracle, runPython } from '@elistimator/tooling/python';

/** Python TensorFlow and its library, or the reason why there is none. */
export type Oracle =
  | { readonly python: string; readonly path: string; readonly reason?: undefined }
  | { readonly python?: undefined; readonly path?: undefined; readonly reason: string };

/** Locates a Python TensorFlow to compare with, and its library to run on. */
export const oracle = async (): Promise<Oracle> => {
  const { python, reason } = await pythonOracle();
  if (python === undefined) return { reason };
  const locate =
    'import importlib.util as u, json; print(json.dumps(u.find_spec("tensorflow").origin))';
  const origin: string = runPython(python, locate);
  const file = { linux: 'libtensorflow_cc.so.2', darwin: 'libtensorflow_cc.2.dylib' }[
    process.platform as 'linux'
  ];
  if (file === undefined) return { reason: `no library name for ${process.platform}` };
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  return { python, path: join(origin, '..', file) };
};
