import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { EventSchema } from '@elistimator/protos';
import type { BackgroundWriter } from './background-writer';
import type { RecordQueue } from './record-queue';

/** Writes an event file. */
export type EventWriter = BackgroundWriter<RecordQueue>;

/** Queues an event of any kind. Plain scalars have a quicker way, the scalar encoder. */
export const appendEvent = (
  writer: EventWriter,
  event: MessageInitShape<typeof EventSchema>,
): void => {
  writer.queue.append(toBinary(EventSchema, create(EventSchema, event)));
  writer.queued();
};
