/** The folder with the programs of an S3 store, or the reason why there is none. */
export type S3Oracle = { root: string; reason?: undefined } | { root?: undefined; reason: string };

/**
 * Finds or unpacks Ceph with its S3 gateway, which tests use as a store with conditional writes. It is unpacked
 * from Debian's packages into a cached folder outside the checkout; nothing is installed on the system.
 */
export function s3Oracle(): Promise<S3Oracle>;

/**
 * Starts Ceph, with one monitor and one store in memory, and its S3 gateway on a free port of the loopback
 * interface.
 *
 * @param root the folder that `s3Oracle` returned
 * @param keys the access keys of the user to create
 */
export function startS3(
  root: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Promise<{ readonly port: number; stop(): Promise<void> }>;
