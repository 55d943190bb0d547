import { describeCloudTarget } from '../support/cloud-target-suite.ts';
import { createMemoryBucket } from '../support/memory-target.ts';

describeCloudTarget('a bucket in memory', async () => {
  const bucket = createMemoryBucket();
  return { target: bucket.open(), reopen: async () => bucket.open(), checksLinks: false };
});
