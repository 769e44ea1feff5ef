import { S3Client } from '@aws-sdk/client-s3';

/** A client of a server on this machine. */
export const clientOf = (port: number, maxAttempts = 3): S3Client =>
  new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    maxAttempts,
  });
