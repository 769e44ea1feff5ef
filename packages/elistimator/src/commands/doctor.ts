import { parseArgs } from 'node:util';
import { doctor, formatDoctorReport } from '@elistimator/backend';
import { type Command, exitCodes } from './command';

const help = `\
elistimator doctor [--json]

Finds out what this machine can train with: Node, the copies of TensorFlow.js, each backend with its
reason, libtensorflow and its devices, CUDA, free disk. Trains two small nets on each backend, each
in a process of its own, and ends with the commands that would make it faster.

  --json   print the report as JSON, for programs
  --help   print this

Exits with 0 when some backend trains, else with 1.`;

/** `elistimator doctor`. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'what this machine can train with, why not the rest, and what to do',
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
