import { join } from 'node:path';
import { type BackendOptions, useBackend } from '@elistimator/backend';
import { type CheckpointBackend, CheckpointManager, fileSystemBackend } from '@elistimator/checkpoint';
import type { EstimatorPorts, ProgressReporter, RunName } from '@elistimator/core';
import { SilentReporter, TqdmReporter } from '@elistimator/progress';
import { SummaryWriter } from 'tfjs-tensorboard-writer';
