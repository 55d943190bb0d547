import type { Destination } from '../../../contract/cloud.ts';
import type { CloudTarget } from '../cloud-target.ts';
import type { Credentials } from '../credentials.ts';
import type { S3Options } from './s3-config.ts';

/**
 * A bucket of Amazon S3 or of a server that speaks its language. The provider's library is loaded here and not before: starting the app
 * must not wait for it. Rejects with CLOUD_NOT_SET_UP or CLOUD_CREDENTIALS_INVALID.
 */
export async function createS3Target(
  destination: Destination,
  credentials: Credentials,
  options: S3Options = {},
): Promise<CloudTarget> {
  const { openS3Bucket } = await import('./s3-bucket.ts');
  return await openS3Bucket(destination, credentials, options);
}
