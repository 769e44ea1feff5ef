import { S3ServiceException } from '@aws-sdk/client-s3';

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/** There is no such object. That there is no such bucket is another matter, wherever the store tells. */
export const isMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';

/** The range begins behind the object's end. */
export const isBeyondEnd = (error: unknown): boolean => statusOf(error) === 416;

/** A conditional write found something else than it asked for, or lost against one at the same moment. */
export const isRefused = (error: unknown): boolean =>
  statusOf(error) === 412 || statusOf(error) === 409;

/** The store does not offer this, or not to these credentials. */
export const isNotOffered = (error: unknown): boolean =>
  [403, 405, 501].includes(statusOf(error) ?? 0);
