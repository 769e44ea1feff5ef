import type { ProbeModel, TrainingProbe } from '../doctor-report';
import { probeNets } from './probe-models';

/** Enough steps to see the loss fall, and then as many as fit in a moment. */
const steps = { least: 5, most: 200, milliseconds: 500 } as const;

/**
 * Trains a small net on the current backend.
 *
 * @throws Error when a kernel fails, or when the loss does not fall, so that it does not really train.
 */
export const trainBriefly = async (model: ProbeModel): Promise<TrainingProbe> => {
  const net = probeNets[model]();
  const step = async (): Promise<number> =>
    Number(await net.model.trainOnBatch(net.features, net.labels));
  try {
    // Outside the clock: it also compiles, allocates and makes the optimizer's variables.
    const first = await step();
    const begun = performance.now();
    let last = first;
    let done = 0;
    const elapsed = () => performance.now() - begun;
    while (done < steps.least || (done < steps.most && elapsed() < steps.milliseconds)) {
      last = await step();
      done += 1;
    }
    const stepsPerSecond = (done * 1000) / elapsed();
    if (!(last < first)) {
      throw new Error(`the loss went from ${first} to ${last} in ${done} steps on one batch`);
    }
    return { model, stepsPerSecond, losses: [first, last] };
  } finally {
    net.model.dispose();
    net.features.dispose();
    net.labels.dispose();
  }
};
