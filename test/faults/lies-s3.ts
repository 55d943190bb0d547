import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompleteMultipartUploadCommand, ListPartsCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { radosgwClient } from '../support/radosgw.ts';
import type { Answer, Seen } from '../support/unkind-proxy.ts';
import { s3Server } from './bucket-stage.ts';
import type { BucketStage } from './bucket-stage.ts';
import { answerInstead, flipped, whenStored } from './lie.ts';
import type { Lie } from './lie.ts';

const XML = ['Content-Type', 'application/xml'];
const PART_BYTES = 8 * 1024 * 1024;

/** "This response can contain an error after 200" (docs.aws.amazon.com, CompleteMultipartUpload). */
const ERROR_IN_200: Answer = {
  status: 200,
  headers: XML,
  body: Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>',
  ),
};

const done = (key: string, etag: string): Answer => ({
  status: 200,
  headers: XML,
  body: Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUploadResult><Key>${key}</Key><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`,
  ),
});

/** Every way in which an S3 server lies to us. */
export const S3_LIES: Lie[] = [
  {
    name: 'a 200 to Complete with an error in it, and nothing was done',
    content: 'bad',
    arrange: (stage) => answerInstead(stage, 'finish', async () => ERROR_IN_200),
  },
  {
    name: 'a 200 to Complete with an error in it, although it was done',
    content: 'good',
    arrange: (stage) =>
      answerInstead(stage, 'finish', async (_request, forward) => {
        await forward();
        return ERROR_IN_200;
      }),
  },
  {
    name: 'Complete called done, and nothing was',
    content: 'bad',
    arrange: (stage) =>
      answerInstead(stage, 'finish', async ({ seen }) => done(keyOf(seen), '0123456789abcdef0123456789abcdef-3')),
  },
  {
    name: 'an object one byte short',
    content: 'bad',
    arrange: (stage) => whenStored(stage, keyOf, (bytes) => bytes.subarray(0, -1)),
  },
  {
    name: 'an object with one byte changed',
    content: 'bad',
    arrange: (stage) => whenStored(stage, keyOf, flipped),
  },
  {
    name: 'an object without its last part',
    content: 'bad',
    arrange: (stage) =>
      whenStored(stage, keyOf, (bytes) =>
        bytes.subarray(0, Math.floor((bytes.byteLength - 1) / PART_BYTES) * PART_BYTES),
      ),
  },
  {
    name: 'an object one byte short whose HEAD tells the right size',
    content: 'bad',
    arrange: (stage, { files }) => {
      whenStored(stage, keyOf, (bytes) => bytes.subarray(0, -1));
      const [file] = files;
      rewriteHead(stage, (headers) => replaced(headers, 'content-length', String(file?.sizeBytes)));
    },
  },
  {
    name: 'an object with one byte changed whose HEAD tells the right checksum',
    content: 'bad',
    arrange: async (stage, recording) => {
      whenStored(stage, keyOf, flipped);
      const checksum = await rightChecksum(join(recording.folder, recording.files[0]?.file ?? ''));
      rewriteHead(stage, (headers) => [
        ...headers,
        'x-amz-checksum-sha256',
        checksum,
        'x-amz-checksum-type',
        'COMPOSITE',
      ]);
    },
  },
  {
    name: 'a part stored one byte short and called whole',
    content: 'bad',
    arrange: (stage) => {
      const client = ownClient(stage);
      const truly = new Map<string, string>();
      stage.proxy.add({
        name: 'lie',
        when: (seen) => stage.actOf(seen) === 'part' && seen.query.get('partNumber') === '2',
        fault: {
          kind: 'instead',
          run: async ({ seen, body }) => {
            const { ETag = '' } = await (
              await client
            ).send(new UploadPartCommand({ ...namesOf(stage, seen), PartNumber: 2, Body: body.subarray(0, -1) }));
            const claimed = `"${createHash('md5').update(body).digest('hex')}"`;
            truly.set(claimed, ETag);
            return { status: 200, headers: ['ETag', claimed], body: Buffer.alloc(0) };
          },
        },
      });
      completeByOwn(stage, client, (parts) => parts);
    },
  },
  {
    name: 'a part forgotten when it was completed',
    content: 'bad',
    arrange: (stage) => completeByOwn(stage, ownClient(stage), (parts) => parts.filter((number) => number !== 2)),
  },
  {
    name: 'a part forgotten in the list',
    content: 'good',
    resumes: true,
    arrange: (stage) => rewriteList(stage, (xml) => xml.replace(/<Part>(?:(?!<\/Part>).)*<\/Part>/s, '')),
  },
  {
    name: 'a part in the list that is not there',
    content: 'either',
    resumes: true,
    arrange: (stage, { files }) =>
      rewriteList(stage, (xml) =>
        xml.includes('<PartNumber>3<')
          ? xml
          : xml.replace(
              /<\/ListPartsResult>/,
              `<Part><PartNumber>3</PartNumber><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>${(files[0]?.sizeBytes ?? 0) % PART_BYTES}</Size></Part></ListPartsResult>`,
            ),
      ),
  },
  {
    name: 'a small file stored one byte short',
    content: 'bad',
    sizes: [1_000_000],
    arrange: (stage) => whenStored(stage, keyOf, (bytes) => bytes.subarray(0, -1)),
  },
  {
    name: 'a small file called stored, and it was not',
    content: 'bad',
    sizes: [1_000_000],
    arrange: (stage) =>
      answerInstead(stage, 'put', async ({ body }) => ({
        status: 200,
        headers: ['ETag', `"${createHash('md5').update(body).digest('hex')}"`],
        body: Buffer.alloc(0),
      })),
  },
  {
    name: 'an object that comes back one byte short',
    content: 'bad',
    arrange: (stage) =>
      answerInstead(stage, 'read', async (_request, forward) => {
        const answer = await forward();
        return { ...answer, body: answer.body.subarray(0, -1) };
      }),
  },
  {
    name: 'an object whose reading never comes to its end',
    content: 'bad',
    arrange: ({ proxy, actOf }) =>
      proxy.add({
        name: 'lie',
        when: (seen) => actOf(seen) === 'read',
        fault: { kind: 'resetInAnswer', afterBytes: 1_000_000 },
      }),
  },
];

/** The key of a request with the bucket in its path. */
function keyOf({ path }: Seen): string {
  return path.slice(path.indexOf('/', 1) + 1);
}

function namesOf(stage: BucketStage, seen: Seen): { Bucket: string; Key: string; UploadId: string } {
  return { Bucket: stage.destination.bucket, Key: keyOf(seen), UploadId: seen.query.get('uploadId') ?? '' };
}

async function ownClient(stage: BucketStage): Promise<S3Client> {
  const client = radosgwClient((await s3Server()).endpoint);
  stage.atEnd(() => client.destroy());
  return client;
}

/** Completes in the place of our code, with parts as the server knows them; the answer is the server's. */
function completeByOwn(
  stage: BucketStage,
  client: Promise<S3Client>,
  choose: (parts: readonly number[]) => readonly number[],
): void {
  stage.proxy.add({
    name: 'lie',
    when: (seen) => stage.actOf(seen) === 'finish',
    fault: {
      kind: 'instead',
      run: async ({ seen }) => {
        const names = namesOf(stage, seen);
        const { Parts = [] } = await (await client).send(new ListPartsCommand(names));
        const chosen = new Set(choose(Parts.map(({ PartNumber = 0 }) => PartNumber)));
        const kept = Parts.filter(({ PartNumber = 0 }) => chosen.has(PartNumber));
        const completed = await (
          await client
        ).send(
          new CompleteMultipartUploadCommand({
            ...names,
            MultipartUpload: { Parts: kept.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })) },
          }),
        );
        return done(names.Key, (completed.ETag ?? '').replaceAll('"', ''));
      },
    },
  });
}

function rewriteHead({ proxy, actOf }: BucketStage, change: (headers: string[]) => string[]): void {
  proxy.add({
    name: 'head',
    when: (seen) => actOf(seen) === 'stat',
    fault: {
      kind: 'instead',
      run: async (_request, forward) => {
        const answer = await forward();
        return answer.status === 200 ? { ...answer, headers: change(answer.headers) } : answer;
      },
    },
  });
}

function rewriteList({ proxy, actOf }: BucketStage, change: (xml: string) => string): void {
  proxy.add({
    name: 'lie',
    when: (seen) => actOf(seen) === 'inspect',
    fault: {
      kind: 'instead',
      run: async (_request, forward) => {
        const answer = await forward();
        return { ...answer, body: Buffer.from(change(answer.body.toString())) };
      },
    },
  });
}

function replaced(headers: readonly string[], name: string, value: string): string[] {
  return headers.map((text, index) => (index % 2 === 1 && headers[index - 1]?.toLowerCase() === name ? value : text));
}

/** What a server that computes checksums would say of the right content. */
async function rightChecksum(path: string): Promise<string> {
  const bytes = await readFile(path);
  const whole = createHash('sha256');
  let parts = 0;
  for (let at = 0; at < bytes.byteLength; at += PART_BYTES) {
    whole.update(
      createHash('sha256')
        .update(bytes.subarray(at, at + PART_BYTES))
        .digest(),
    );
    parts += 1;
  }
  return `${whole.digest('base64')}-${parts}`;
}
