import type { Seen } from '../support/unkind-proxy.ts';
import { answerInstead, flipped, whenStored } from './lie.ts';
import type { Lie } from './lie.ts';

/** Ways in which a server of Google's protocol lies to us; that of its own checksum cannot be found out without reading everything. */
export const GCS_LIES: Lie[] = [
  {
    name: 'an object one byte short',
    content: 'bad',
    arrange: (stage) =>
      whenStored(
        stage,
        () => keyOf(stage.proxy.log),
        (bytes) => bytes.subarray(0, -1),
      ),
  },
  {
    name: 'an object with one byte changed',
    content: 'bad',
    arrange: (stage) => whenStored(stage, () => keyOf(stage.proxy.log), flipped),
  },
  {
    name: 'a 200 to the last chunk with an error in it, and nothing was stored',
    content: 'bad',
    arrange: (stage) =>
      answerInstead(stage, 'finish', async () => ({
        status: 200,
        headers: ['Content-Type', 'application/json'],
        body: Buffer.from('{"error":{"code":500,"message":"Backend Error","errors":[{"reason":"backendError"}]}}'),
      })),
  },
  {
    name: 'a chunk stored one byte short and called whole',
    content: 'bad',
    arrange: (stage) =>
      answerInstead(stage, 'part', async ({ seen }) => {
        const last = /^bytes \d+-(\d+)/.exec(seen.headers['content-range'] ?? '')?.[1] ?? '0';
        return { status: 308, headers: ['Range', `bytes=0-${last}`], body: Buffer.alloc(0) };
      }),
  },
];

/** The name that a session was begun with: its address does not tell. */
function keyOf(log: readonly Seen[]): string {
  return log.findLast(({ query }) => query.has('name'))?.query.get('name') ?? '';
}
