import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { EventSchema } from '@elistimator/protos';
import type { BackgroundWriter } from './background-writer';

/** Queues an event of any kind. Plain scalars have a quicker way, the scalar encoder. */
export const appendEvent = (
  writer: BackgroundWriter,
  event: MessageInitShape<typeof EventSchema>,
): void => {
  writer.queue.append(toBinary(EventSchema, create(EventSchema, event)));
  writer.queued();
};
