/** The same upload as the provider's own library does it: `node upload-theirs.ts <folder> <recording id> <file> <destination as JSON>`. */
import { createReadStream } from 'node:fs';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { destinationSchema } from '../../contract/cloud.ts';
import { DEFAULT_PART_BYTES } from '../../main/cloud/upload-plan.ts';
import { radosgwClient } from '../support/radosgw.ts';
import { watchUpload } from './upload-figures.ts';

const WARM_UP_BYTES = 20 * 1024 * 1024;

const [, , path = '', destination = ''] = process.argv.slice(2);
const { endpoint, bucket } = destinationSchema.parse(JSON.parse(destination));
const client = radosgwClient(endpoint);
const options = { client, partSize: DEFAULT_PART_BYTES, queueSize: 2 };
const at = { Bucket: bucket, Key: 'warm-up' };
const warmUp = { ...at, Body: createReadStream(path, { end: WARM_UP_BYTES - 1 }), ContentLength: WARM_UP_BYTES };
await new Upload({ ...options, params: warmUp }).done();
await client.send(new DeleteObjectCommand(at));

const watch = watchUpload();
await new Upload({ ...options, params: { Bucket: bucket, Key: 'theirs', Body: createReadStream(path) } }).done();
watch.sent();
process.stdout.write(JSON.stringify(watch.end()));
client.destroy();
