import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends';
import { type CheckpointReader, openCheckpoint, writeCheckpoint } from '../bundle';
import { hex32 } from '../bytes/hex';
import type { CheckpointDType } from '../dtypes';
import {
  BlobNotFoundError,
  CorruptCheckpointError,
  InvalidCheckpointOptionError,
  UnsupportedCheckpointError,
} from '../errors';
import { assertCount } from '../policies/assert-count';
import { type CheckpointMetrics, rank } from '../policies';
import type { CheckpointTensor, WritableTensor } from '../tensor';
import { blobsOf, groupBundles } from './bundle-files';
import { isOwnPrefix, prefixOf } from './checkpoint-name';
import { formatCheckpointState, STATE_NAME } from './checkpoint-state';
import { takeInventory } from './inventory';
import { leftoversOf } from './leftovers';
import { type CheckpointManagerOptions, type ManagerSettings, settingsOf } from './manager-options';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  formatMetadata,
  isAttachmentSuffix,
  METADATA_NAME,
} from './metadata';
import { fromCheckpoint, toCheckpoint } from './variable-list';
