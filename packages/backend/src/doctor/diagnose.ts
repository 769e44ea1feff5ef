import type { BackendDiagnosis, LibtensorflowFacts } from './doctor-report';
import type { ProbeMessage } from './probe/probe-message';
import type { ProbeResult } from './probe/run-probe';

type MessageOf<K extends ProbeMessage['kind']> = Extract<ProbeMessage, { kind: K }>;

const ofKind = <K extends ProbeMessage['kind']>(
  messages: readonly ProbeMessage[],
  kind: K,
): MessageOf<K>[] => messages.filter((message): message is MessageOf<K> => message.kind === kind);

/** What the process was at when it ended: the last thing it told. */
const stageOf = (messages: readonly ProbeMessage[]): string => {
  const last = messages.at(-1);
  if (last === undefined) return 'while it started';
  return last.kind === 'training' ? `while it trained the ${last.model}` : `after it ${last.kind}`;
};

const firstProblem = ({ messages, problem }: ProbeResult): string | undefined => {
  const [refused] = ofKind(messages, 'refused');
  if (refused) return refused.reason;
  if (problem !== undefined) return `${problem} (${stageOf(messages)})`;
  const [failed] = ofKind(messages, 'failed');
  return failed && `it can't train the ${failed.model}: ${failed.reason}`;
};

/** Draws the conclusions from what the probe of a backend told. */
export const diagnose = (
  { name, tfBackend }: Pick<BackendDiagnosis, 'name' | 'tfBackend'>,
  result: ProbeResult,
): BackendDiagnosis => {
  const { messages } = result;
  const [started] = ofKind(messages, 'started');
  const problem = firstProblem(result);
  return {
    name,
    tfBackend,
    starts: started !== undefined,
    trains: started !== undefined && problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    ...(started?.version === undefined ? {} : { version: started.version }),
    gpu: started?.gpu ?? false,
    missingKernels: ofKind(messages, 'kernels').flatMap(({ missing }) => missing),
    probes: ofKind(messages, 'trained').map(({ probe }) => probe),
  };
};

/** What the probe of a library told of it. */
export const libraryFacts = (
  result: ProbeResult,
): Pick<LibtensorflowFacts, 'version' | 'devices' | 'problem'> => {
  const [library] = ofKind(result.messages, 'library');
  const [refused] = ofKind(result.messages, 'refused');
  const problem = refused?.reason ?? result.problem;
  return {
    ...(library === undefined ? {} : { version: library.version }),
    devices: library?.devices ?? [],
    ...(problem === undefined ? {} : { problem }),
  };
};
