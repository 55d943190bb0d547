import type { CloudSetupParts } from './cloud-setup.ts';

/** Opens buckets; a provider's library is loaded when a bucket of it is opened for the first time: the app's start does not pay for it. */
export const cloudOpeners: CloudSetupParts['openers'] = {
  s3: async (destination, credentials) => {
    const { createS3Target } = await import('./s3/s3-target.ts');
    return createS3Target(destination, credentials);
  },
  gcs: async (destination, credentials) => {
    const { createGcsTarget } = await import('./gcs/gcs-target.ts');
    return createGcsTarget(destination, credentials);
  },
};
