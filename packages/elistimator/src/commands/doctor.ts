import { parseArgs } from 'node:util';
import { doctor, formatDoctorReport } from '@elistimator/backend';
import { type Command, exitCodes } from './command';

const help = `\
elistimator doctor [--json]

Reports which backends can train on this machine, and why the others can't: Node, the copies of
TensorFlow.js, libtensorflow and its devices, CUDA, free disk space. Trains two small networks on each
backend, each in a separate process, and prints commands that would make training faster.

  --json   print the report as JSON, for programs
  --help   print this text

Exits with 0 if at least one backend trains, otherwise with 1.`;

/** `elistimator doctor`. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'report which backends can train here, why the others can not, and how to fix that',
  help,
  run: async (args, { out, err }) => {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    const report = await doctor({
      onProgress: (subject) => err(`looking at ${subject} …`),
    });
    out(values.json ? JSON.stringify(report, null, 2) : formatDoctorReport(report));
    return report.trains ? exitCodes.done : exitCodes.failed;
  },
};
