import { describe, it } from 'vitest';
import { clientOf } from '../../test/s3-client';
import { BUCKET, s3Server } from '../../test/s3-server';
import { checkpointBackendConformance } from '../conformance';
import { s3Backend } from './s3-backend';

const server = s3Server();

let folders = 0;

checkpointBackendConformance('s3Backend', {
  describe,
  it,
  create: () =>
    s3Backend({
      client: clientOf(server.port),
      bucket: BUCKET,
      prefix: `conformance-${folders++}`,
    }),
});
