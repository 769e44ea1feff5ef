import type { BackendReport } from './backend-report';

const longest = 120;

const firstLine = (text: string): string => {
  const [line = ''] = text.split('\n');
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
};

/** A report as one line, such as `backend: wasm 4.22.0; not tfjs-node: it is not installed`. */
export const summarize = ({
  name,
  tfBackend,
  version,
  gpu,
  rejected,
  unused,
  warnings,
}: Omit<BackendReport, 'summary'>): string => {
  const library = tfBackend === 'tensorflow' ? `TensorFlow ${version}` : version;
  const details = [library, gpu ? 'GPU' : undefined].filter((detail) => detail !== undefined);
  return [
    `backend: ${name === 'own' ? tfBackend : name}${details.length > 0 ? ` (${details.join(', ')})` : ''}`,
    ...rejected.map((other) => `not ${other.name}: ${firstLine(other.reason)}`),
    ...(unused.length > 0 ? [`no GPU here for ${unused.join(', ')}`] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('; ');
};
