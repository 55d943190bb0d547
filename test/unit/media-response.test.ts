import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliverableIdSchema, recordingIdSchema } from '../../contract/ids.ts';
import { deliverableUrl, thumbnailUrl } from '../../contract/media-url.ts';
import type { Recording } from '../../contract/recording.ts';
import { answerMediaRequest } from '../../main/shell/media-response.ts';

const recordingId = recordingIdSchema.parse('00000000-0000-4000-8000-000000000001');
const id = (last: string) => deliverableIdSchema.parse(`00000000-0000-4000-8000-00000000000${last}`);
const bytes = Uint8Array.from({ length: 600_000 }, (_, index) => index % 251);

let root = '';
let files: Record<string, string> = {};

function recording(): Recording {
  return {
    id: recordingId,
    folder: join(root, 'recording'),
    deliverables: Object.entries(files).map(([key, file]) => ({ id: id(key), file })),
    thumbnails: ['thumbnails/0.jpg', '../outside.txt'],
  } as unknown as Recording;
}

const ask = (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  answerMediaRequest({ url, method, headers: new Headers(headers) }, async (wanted) =>
    wanted === recordingId ? recording() : null,
  );

/** Files below the test's folder that this process holds open (Linux). */
async function openFiles(): Promise<string[]> {
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return targets.filter((target) => target.startsWith(root));
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-media-'));
  await mkdir(join(root, 'recording', 'deliverables'), { recursive: true });
  await mkdir(join(root, 'recording', 'thumbnails'));
  await writeFile(join(root, 'recording', 'deliverables', 'mix.mkv'), bytes);
  await writeFile(join(root, 'recording', 'deliverables', 'empty.webm'), '');
  await writeFile(join(root, 'recording', 'thumbnails', '0.jpg'), 'picture');
  await writeFile(join(root, 'outside.txt'), 'secret');
  await symlink(join(root, 'outside.txt'), join(root, 'recording', 'deliverables', 'link.mp4'));
  files = {
    1: 'deliverables/mix.mkv',
    2: '../outside.txt',
    3: 'deliverables/link.mp4',
    4: 'deliverables/gone.mp4',
    5: 'deliverables',
    6: 'deliverables/empty.webm',
    7: '/etc/passwd',
    8: '.',
  };
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('the media scheme', () => {
  it('serves a whole file with its type and length', async () => {
    const response = await ask(deliverableUrl(recordingId, id('1')));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('video/x-matroska');
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(await openFiles()).toEqual([]);
  });

  it('answers a range with 206 and exactly those bytes', async () => {
    const response = await ask(deliverableUrl(recordingId, id('1')), { range: 'bytes=250000-549999' });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe('bytes 250000-549999/600000');
    expect(response.headers.get('content-length')).toBe('300000');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes.slice(250_000, 550_000));
  });

  it('answers a range past the end with 416 and the size', async () => {
    const response = await ask(deliverableUrl(recordingId, id('1')), { range: 'bytes=600000-' });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */600000');
    expect(await openFiles()).toEqual([]);
  });

  it('serves thumbnails and empty files', async () => {
    const thumbnail = await ask(thumbnailUrl(recordingId, 0));
    expect(thumbnail.headers.get('content-type')).toBe('image/jpeg');
    expect(await thumbnail.text()).toBe('picture');
    const empty = await ask(deliverableUrl(recordingId, id('6')));
    expect([empty.status, await empty.text()]).toEqual([200, '']);
    const head = await ask(deliverableUrl(recordingId, id('1')), {}, 'HEAD');
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['600000', '']);
    expect(await openFiles()).toEqual([]);
  });

  it('reads only as fast as it is drunk, and closes the file when nobody drinks any more', async () => {
    const response = await ask(deliverableUrl(recordingId, id('1')));
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(first?.value?.length).toBeLessThan(bytes.length);
    expect(await openFiles()).toHaveLength(1);
    await reader?.cancel();
    expect(await openFiles()).toEqual([]);
  });

  it.each(['2', '3', '4', '5', '7', '8', '9'])(
    'does not serve what lies outside, is no file, or is unknown (%s)',
    async (key) => {
      const response = await ask(deliverableUrl(recordingId, id(key)));
      expect([response.status, await response.text()]).toEqual([404, '']);
      expect(await openFiles()).toEqual([]);
    },
  );

  it.each([
    `tallylight-media://recording/${recordingId}/file/../../../outside.txt`,
    `tallylight-media://recording/${recordingId}/file/..%2f..%2foutside.txt`,
    `tallylight-media://recording/${recordingId}/file/deliverables%2fmix.mkv`,
    `tallylight-media://recording/${recordingId}/thumbnail/-1`,
    `tallylight-media://recording/${recordingId}/thumbnail/1`,
    `tallylight-media://recording/${recordingId}/thumbnail/7`,
    `tallylight-media://recording/${recordingId}/thumbnail/0/..`,
    `tallylight-media://recording/${recordingId}/file/${id('1')}?x=1`,
    `tallylight-media://recording/${recordingId}/journal.jsonl`,
    `tallylight-media://recording/${recordingId.toUpperCase().replace('0', 'A')}/thumbnail/0`,
    `tallylight-media://recording/${recordingId.replace('1', '2')}/thumbnail/0`,
    `tallylight-media://recording/../thumbnail/0`,
    `tallylight-media://etc/passwd`,
    `file:///etc/passwd`,
  ])('refuses %s', async (url) => {
    expect((await ask(url)).status).toBe(404);
  });

  it('takes GET and HEAD only', async () => {
    expect((await ask(deliverableUrl(recordingId, id('1')), {}, 'POST')).status).toBe(405);
  });
});
