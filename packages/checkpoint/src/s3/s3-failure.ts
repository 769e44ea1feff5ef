/** By its shape: the client may come from another copy of the SDK, with error classes of its own. */
const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number };
  return httpStatusCode;
};

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
