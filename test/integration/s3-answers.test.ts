import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CloudTarget } from '../../main/cloud/cloud-target.ts';
import type { S3Options } from '../../main/cloud/s3/s3-config.ts';
import { createS3Target } from '../../main/cloud/s3/s3-target.ts';
import { calm, hashOf, problem } from '../support/cloud-target-suite.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedAnswer, ScriptedServer, SeenRequest } from '../support/scripted-server.ts';

// What no real server can be made to say. The server here is a fake and says what each test tells it.

const SECRET = 'canary-secret-5f1c';
const PART_BYTES = 64 * 1024;
const bytes = randomBytes(3 * PART_BYTES + 1000);
const object = { key: 'calls/one.webm', sizeBytes: bytes.byteLength, contentType: 'video/webm', partBytes: PART_BYTES };
const hash = hashOf(object, bytes);
const ERROR_XML = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>We failed</Message></Error>';

let server: ScriptedServer;
let targets: CloudTarget[] = [];
beforeAll(async () => {
  server = await startScriptedServer();
});
afterEach(() => {
  for (const target of targets) target.close();
  targets = [];
});
afterAll(() => server.close());

async function open(options: S3Options = {}): Promise<CloudTarget> {
  const target = await createS3Target(
    { provider: 's3', bucket: 'bucket', region: '', endpoint: server.endpoint, pathStyle: true },
    { kind: 's3Keys', accessKeyId: 'AKIDTEST', secretAccessKey: SECRET, sessionToken: 'canary-token-77' },
    options,
  );
  targets.push(target);
  return target;
}

const xml = (status: number, body: string, headers: Record<string, string> = {}): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});
const refusal = (status: number, code: string, more = '', headers: Record<string, string> = {}): ScriptedAnswer =>
  xml(status, `<Error><Code>${code}</Code><Message>Some words ${SECRET}</Message>${more}</Error>`, headers);
const part = (number: number) => {
  const content = bytes.subarray((number - 1) * PART_BYTES, number * PART_BYTES);
  const sha256Hex = createHash('sha256').update(content).digest('hex');
  return { number, offsetBytes: (number - 1) * PART_BYTES, bytes: content, sha256Hex, isLast: number === 4 };
};
const sent = [{ number: 1, sizeBytes: PART_BYTES, etag: '"aa"' }];

describe('the end of an upload', () => {
  test.each([
    ['an error behind a 200', ERROR_XML],
    ['an error with a line end behind it', `${ERROR_XML}\n\n`],
    [
      'an error after spaces that kept the connection alive',
      `   \n  ${ERROR_XML.replace('<?xml version="1.0"?>', '')} \n`,
    ],
    ['nothing', ''],
    ['half an answer', '<?xml version="1.0"?><CompleteMultipartUploadResult><Location>http'],
    ['a page of somebody in between', '<!doctype html><html><body>Please log in</body></html>'],
    ['an empty result', '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>'],
  ])('%s is no success', async (_name, body) => {
    server.answer(() => ({ status: 200, headers: { 'content-type': 'application/xml' }, body }));
    const error = await problem((await open()).finish(object, 'session', sent, calm()));
    expect(error).toMatchObject({ code: 'CLOUD_BUSY', retryable: true });
  });

  test('an upload that is gone is told as gone, in whatever status that comes', async () => {
    for (const [status, code] of [
      [404, 'NoSuchUpload'],
      [404, 'NoSuchKey'],
      [200, 'NoSuchUpload'],
    ] as const) {
      server.answer(() => refusal(status, code));
      const error = await problem((await open()).finish(object, 'session', sent, calm()));
      expect(error.code).toBe('CLOUD_UPLOAD_GONE');
    }
  });

  test('a part without a name of its content is not counted as sent', async () => {
    server.answer(() => ({ status: 200 }));
    expect(await problem((await open()).sendPart(object, 'session', part(1), calm()))).toMatchObject({
      code: 'CLOUD_BUSY',
    });
  });
});

describe('refusals', () => {
  test.each([
    [503, 'SlowDown', 'CLOUD_BUSY', true],
    [500, 'InternalError', 'CLOUD_BUSY', true],
    [429, 'TooManyRequests', 'CLOUD_BUSY', true],
    [400, 'RequestTimeout', 'CLOUD_BUSY', true],
    [400, 'BadDigest', 'CLOUD_BUSY', true],
    [403, 'InvalidAccessKeyId', 'CLOUD_KEY_WRONG', false],
    [403, 'SignatureDoesNotMatch', 'CLOUD_KEY_WRONG', false],
    [400, 'ExpiredToken', 'CLOUD_KEY_WRONG', false],
    [403, 'RequestTimeTooSkewed', 'CLOUD_CLOCK_WRONG', false],
    [403, 'AccessDenied', 'CLOUD_FORBIDDEN', false],
    [404, 'NoSuchBucket', 'CLOUD_BUCKET_MISSING', false],
    [400, 'EntityTooLarge', 'CLOUD_REFUSED', false],
    [507, 'InsufficientStorage', 'CLOUD_BUSY', true],
  ])('%i %s is %s', async (status, code, expected, retryable) => {
    server.answer(() => refusal(status, code));
    const error = await problem((await open()).put(object, bytes, calm()));
    expect(error).toMatchObject({ code: expected, retryable });
    expect(error.message).not.toContain(SECRET);
  });

  test('how long a busy server wants to be left alone is told', async () => {
    server.answer(() => refusal(503, 'SlowDown', '', { 'retry-after': '7' }));
    const error = await problem((await open()).begin(object, calm()));
    expect(error.details).toEqual({ retryAfterMs: 7000 });
  });

  test('a bucket in another region is told with the name of that region', async () => {
    for (const answer of [
      refusal(301, 'PermanentRedirect', '<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>', {
        'x-amz-bucket-region': 'eu-west-1',
      }),
      refusal(400, 'AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>'),
      xml(
        400,
        "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The region 'us-east-1' is wrong; expecting 'eu-west-1'</Message></Error>",
      ),
    ]) {
      server.answer(() => answer);
      const error = await problem((await open()).begin(object, calm()));
      expect(error).toMatchObject({ code: 'CLOUD_REFUSED', retryable: false });
      expect(error.message).toContain('eu-west-1');
    }
  });

  test('a refusal that comes instead of "go on" costs no body', async () => {
    let bodyBytes = 0;
    server.server.on('checkContinue', (request, response) => {
      request.on('data', (chunk: Buffer) => (bodyBytes += chunk.byteLength));
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>AccessDenied</Code></Error>');
    });
    const large = randomBytes(6 * 1024 * 1024);
    let reported = 0;
    const options = { ...calm(), onBytes: (count: number) => (reported += count) };
    const target = await open();
    const error = await problem(target.put({ ...object, sizeBytes: large.byteLength }, large, options));
    server.server.removeAllListeners('checkContinue');
    expect(error.code).toBe('CLOUD_FORBIDDEN');
    expect(bodyBytes).toBe(0);
    expect(reported).toBe(0);
  });
});

describe('lists', () => {
  const listed = (numbers: number[], more: boolean): ScriptedAnswer =>
    xml(
      200,
      `<ListPartsResult><UploadId>session</UploadId><IsTruncated>${more}</IsTruncated>${numbers
        .map((number) => `<Part><PartNumber>${number}</PartNumber><Size>5</Size><ETag>"e"</ETag></Part>`)
        .join('')}</ListPartsResult>`,
    );

  test('a list of parts that never ends is given up', async () => {
    server.answer(() => listed([1, 2], true));
    expect((await problem((await open()).inspect(object, 'session', calm()))).code).toBe('CLOUD_BUSY');
    expect(server.seen.length).toBe(2);
  });

  test('the pages of a list are put together', async () => {
    server.answer(({ query }) => (query.get('part-number-marker') === '2' ? listed([7], false) : listed([1, 2], true)));
    expect(await (await open()).inspect(object, 'session', calm())).toMatchObject({
      kind: 'parts',
      parts: [{ number: 1 }, { number: 2 }, { number: 7 }],
    });
  });

  test('the parts of another upload are not believed', async () => {
    server.answer(() => listed([1], false));
    expect((await problem((await open()).inspect(object, 'another', calm()))).code).toBe('CLOUD_BUSY');
  });

  test('an upload that is gone is finished only when the object has the right size', async () => {
    for (const [size, kind] of [
      [object.sizeBytes, 'finished'],
      [object.sizeBytes - 1, 'gone'],
    ] as const) {
      server.answer(({ method }) =>
        method === 'HEAD' ? { status: 200, headers: { 'content-length': String(size) } } : refusal(404, 'NoSuchUpload'),
      );
      expect(await (await open()).inspect(object, 'session', calm())).toEqual({ kind });
    }
  });

  test('an answer without an end is cut off', async () => {
    server.answer(() => (response) => {
      response.writeHead(200, { 'content-type': 'application/xml' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(256 * 1024, ' '))) continue;
      };
      response.on('drain', more);
      more();
    });
    expect((await problem((await open()).openUploads('', calm()))).code).toBe('CLOUD_REFUSED');
  });
});

describe('a way on which nothing moves', () => {
  test('a server that does not answer is given up after the limit', async () => {
    server.answer(() => () => undefined);
    const target = await open({ idleLimitMs: 150 });
    expect(await problem(target.put(object, bytes, calm()))).toMatchObject({
      code: 'CLOUD_UNREACHABLE',
      retryable: true,
    });
    expect(await problem(target.sizeBytes('x', calm()))).toMatchObject({ code: 'CLOUD_UNREACHABLE' });
  });

  test('a server that stops in the middle of a file is given up', async () => {
    server.answer(({ method }) => (response) => {
      response.writeHead(200, { 'content-length': String(bytes.byteLength), etag: '"e"' });
      if (method === 'HEAD') response.end();
      else response.write(bytes.subarray(0, 1000));
    });
    const target = await open({ idleLimitMs: 150 });
    expect((await problem(target.verify(object, hash, calm()))).code).toBe('CLOUD_UNREACHABLE');
    expect((await problem(target.read(object.key, 1_000_000, calm()))).code).toBe('CLOUD_UNREACHABLE');
  });

  test('a slow server is not a dead one: it may take longer than the limit as long as bytes move', async () => {
    server.answer(() => (response) => {
      response.writeHead(200, { 'content-length': '40' });
      let left = 40;
      const timer = setInterval(() => {
        response.write('x');
        left -= 1;
        if (left === 0) {
          clearInterval(timer);
          response.end();
        }
      }, 25);
    });
    const target = await open({ idleLimitMs: 500 });
    expect((await target.read('slow', 100, calm())).byteLength).toBe(40);
  });

  test('a cap of the bandwidth is not taken for silence of the server', async () => {
    server.answer(() => ({ status: 200, headers: { etag: '"e"' } }));
    const target = await open({ idleLimitMs: 400 });
    const throttle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 600));
    await target.put(object, bytes.subarray(0, 100), { ...calm(), throttle });
    expect(server.seen[0]?.body.byteLength).toBe(100);
  });

  test('nobody at the address is told as unreachable, with neither address nor key', async () => {
    const target = await createS3Target(
      { provider: 's3', bucket: 'bucket', region: '', endpoint: 'http://127.0.0.1:9', pathStyle: true },
      { kind: 's3Keys', accessKeyId: 'AKIDTEST', secretAccessKey: SECRET, sessionToken: null },
    );
    const error = await problem(target.begin(object, calm()));
    expect(error).toMatchObject({ code: 'CLOUD_UNREACHABLE', retryable: true });
    expect(error.message).not.toMatch(/127\.0\.0\.1|AKID|canary/);
    target.close();
  });

  test('a kept connection that the server has closed meanwhile is no failure', async () => {
    server.answer(() => ({ status: 200, headers: { 'content-length': '5' } }));
    const target = await open();
    for (let round = 0; round < 5; round += 1) {
      expect(await target.sizeBytes('x', calm())).toBe(5);
      // Closed without a word, as a restart or a limit of the server does it; the next request may still find it in the pool.
      server.server.closeIdleConnections();
    }
  });
});

describe('what is in the bucket is compared, not believed', () => {
  const etag = '"etag-1"';
  const content = (answer: (request: SeenRequest) => ScriptedAnswer): void => {
    server.answer((request) =>
      request.method === 'HEAD'
        ? { status: 200, headers: { 'content-length': String(bytes.byteLength), etag } }
        : answer(request),
    );
  };
  const full = { 'content-length': String(bytes.byteLength), etag };

  test('the whole object as it should be is the same, by reading it', async () => {
    content(() => ({ status: 200, headers: full, body: bytes }));
    expect(await (await open()).verify(object, hash, calm())).toEqual({ kind: 'same', by: 'readBack' });
    expect(server.seen.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
    expect(server.seen[1]?.headers['if-match']).toBe(etag);
  });

  test('a right ETag on wrong content does not count', async () => {
    const wrong = Buffer.from(bytes);
    wrong.writeUInt8(wrong.readUInt8(PART_BYTES * 2) ^ 0x80, PART_BYTES * 2);
    content(() => ({ status: 200, headers: full, body: wrong }));
    expect(await (await open()).verify(object, hash, calm())).toEqual({ kind: 'different', why: 'part 3 is another' });
  });

  test('one byte short, with and without saying so, is different', async () => {
    const short = bytes.subarray(0, -1);
    content(() => ({ status: 200, headers: { etag, 'content-length': String(short.byteLength) }, body: short }));
    expect((await (await open()).verify(object, hash, calm())).kind).toBe('different');
    // Chunked: its length is only known at its end.
    content(() => (response) => void response.writeHead(200, { etag }).end(short));
    expect((await (await open()).verify(object, hash, calm())).kind).toBe('different');
  });

  test('one byte too long is different', async () => {
    content(() => (response) => {
      response.writeHead(200, { etag }).write(bytes);
      response.end('x');
    });
    expect((await (await open()).verify(object, hash, calm())).kind).toBe('different');
  });

  test('a server that promises a checksum elsewhere than at Amazon is read all the same', async () => {
    const digest = createHash('sha256').update(bytes).digest('base64');
    server.answer(({ method }) =>
      method === 'HEAD'
        ? { status: 200, headers: { ...full, 'x-amz-checksum-sha256': digest } }
        : { status: 200, headers: full, body: Buffer.alloc(bytes.byteLength) },
    );
    expect((await (await open()).verify(object, hash, calm())).kind).toBe('different');
  });

  test('a check that is cut goes on behind the last part that was right', async () => {
    const cut = 2 * PART_BYTES + 500;
    content(({ headers: { range } }) => {
      if (range === undefined) {
        return (response) => {
          response.writeHead(200, full);
          response.write(bytes.subarray(0, cut), () => response.destroy());
        };
      }
      const from = Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
      const rest = bytes.subarray(from);
      const contentRange = `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}`;
      return { status: 206, headers: { etag, 'content-range': contentRange }, body: rest };
    });
    expect(await (await open()).verify(object, hash, calm())).toEqual({ kind: 'same', by: 'readBack' });
    expect(server.seen.map(({ headers: { range } }) => range)).toEqual([
      undefined,
      undefined,
      `bytes=${2 * PART_BYTES}-`,
    ]);
  });

  test('a server that sends the beginning when asked for the rest is not believed', async () => {
    const cut = PART_BYTES + 500;
    content(({ headers: { range } }) => (response) => {
      response.writeHead(200, full);
      if (range === undefined) response.write(bytes.subarray(0, cut), () => response.destroy());
      else response.end(bytes);
    });
    expect((await problem((await open()).verify(object, hash, calm()))).code).toBe('CLOUD_BUSY');
  });

  test('an object that changes between two looks is not the same', async () => {
    content(() => refusal(412, 'PreconditionFailed'));
    expect((await problem((await open()).verify(object, hash, calm()))).code).toBe('CLOUD_REFUSED');
  });
});

describe('where the server keeps SHA-256 checksums, as Amazon does', () => {
  const digests = hash.partSha256.map((hex) => Buffer.from(hex, 'hex'));
  const composite = `${createHash('sha256').update(Buffer.concat(digests)).digest('base64')}-${digests.length}`;
  const head = (checksum: string | null): void => {
    server.answer(({ method }) =>
      method === 'HEAD'
        ? {
            status: 200,
            headers: {
              'content-length': String(bytes.byteLength),
              ...(checksum === null ? {} : { 'x-amz-checksum-sha256': checksum }),
            },
          }
        : { status: 200, body: bytes },
    );
  };

  test('the checksum of the whole decides', async () => {
    const target = await open({ checksums: 'sha256' });
    head(composite);
    expect(await target.verify(object, hash, calm())).toEqual({ kind: 'same', by: 'checksum' });
    expect(server.seen.map(({ method, headers }) => [method, headers['x-amz-checksum-mode']])).toEqual([
      ['HEAD', 'ENABLED'],
    ]);
    head(`${Buffer.alloc(32, 1).toString('base64')}-${digests.length}`);
    expect((await target.verify(object, hash, calm())).kind).toBe('different');
  });

  test('without one, or with one over other parts, the object is read', async () => {
    const target = await open({ checksums: 'sha256' });
    for (const checksum of [null, composite.replace(/-\d+$/, '-9'), 'nonsense']) {
      head(checksum);
      expect(await target.verify(object, hash, calm())).toEqual({ kind: 'same', by: 'readBack' });
    }
  });

  test('parts go with their checksum, and the upload is finished with those that the server kept', async () => {
    const target = await open({ checksums: 'sha256' });
    const checksum = Buffer.from(part(1).sha256Hex, 'hex').toString('base64');
    server.answer(({ method, query }) => {
      if (method === 'PUT') return { status: 200, headers: { etag: '"aa"' } };
      if (query.has('uploads')) {
        return xml(200, '<InitiateMultipartUploadResult><UploadId>session</UploadId></InitiateMultipartUploadResult>');
      }
      if (method === 'GET') {
        const listed = `<Part><PartNumber>1</PartNumber><Size>5</Size><ETag>"aa"</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`;
        return xml(200, `<ListPartsResult><UploadId>session</UploadId>${listed}</ListPartsResult>`);
      }
      const result = '<Location>here</Location><Key>k</Key><ETag>"x-1"</ETag>';
      return xml(200, `<CompleteMultipartUploadResult>${result}</CompleteMultipartUploadResult>`);
    });
    const { session } = await target.begin(object, calm());
    expect(server.seen.at(-1)?.headers['x-amz-checksum-algorithm']).toBe('SHA256');
    const one = await target.sendPart(object, session, part(1), calm());
    const { headers } = server.seen.at(-1) ?? {};
    expect(headers?.['x-amz-checksum-sha256']).toBe(checksum);
    expect(headers?.['x-amz-content-sha256']).toBe(part(1).sha256Hex);
    await target.finish(object, session, [one], calm());
    expect(server.seen.at(-1)?.body.toString()).toContain(`<ChecksumSHA256>${checksum}</ChecksumSHA256>`);
  });
});
