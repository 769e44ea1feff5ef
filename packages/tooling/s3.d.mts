/** Where the programs of an S3 store lie, or why there are none. */
export type S3Oracle = { root: string; reason?: undefined } | { root?: undefined; reason: string };

/**
 * Finds or unpacks Ceph with its S3 gateway, which tests use as a store that keeps the conditions of writes. It
 * comes from Debian's packages, into a cached folder outside the checkout; nothing is installed on the system.
 */
export function s3Oracle(): Promise<S3Oracle>;

/**
 * Starts a Ceph of one monitor and one store in memory, and its S3 gateway on a free port of the loopback
 * interface.
 *
 * @param root what `s3Oracle` gave
 * @param keys of the user that it is to have
 */
export function startS3(
  root: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Promise<{ readonly port: number; stop(): Promise<void> }>;
