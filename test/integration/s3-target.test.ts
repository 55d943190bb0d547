import { describe } from 'vitest';
import type { Destination } from '../../contract/cloud.ts';
import type { CloudTarget } from '../../main/cloud/cloud-target.ts';
import type { S3Options } from '../../main/cloud/s3/s3-config.ts';
import { createS3Target } from '../../main/cloud/s3/s3-target.ts';
import { describeCloudTarget } from '../support/cloud-target-suite.ts';
import { RADOSGW_KEYS } from '../support/radosgw.ts';
import { RADOSGW_START_LIMIT_MS, sharedRadosgw } from '../support/shared-radosgw.ts';

const open = (
  destination: Destination,
  options?: S3Options,
  secretAccessKey = RADOSGW_KEYS.secretAccessKey,
): Promise<CloudTarget> =>
  createS3Target(destination, { kind: 's3Keys', ...RADOSGW_KEYS, secretAccessKey, sessionToken: null }, options);

describe('S3 on a real server', () => {
  describeCloudTarget(
    'radosgw',
    async () => {
      const { destination } = await sharedRadosgw();
      return {
        target: await open(destination),
        reopen: () => open(destination),
        withWrongSecret: () => open(destination, {}, 'WRONGSECRET'),
        withoutBucket: () => open({ ...destination, bucket: 'there-is-no-such-bucket' }),
        checksLinks: true,
      };
    },
    RADOSGW_START_LIMIT_MS,
  );
});
