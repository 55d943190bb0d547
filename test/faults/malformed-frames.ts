import { roomRequestSchema } from '../../contract/signaling.ts';
import { hostileInput } from '../support/fuzz-values.ts';
import { pick, wholeBetween, type Random } from '../support/hostile-values.ts';
import { wireFrame } from '../support/raw-websocket.ts';
import { shapeOf } from '../support/schema-shape.ts';

/** Bytes that are no right frame, or no right content of one, and what is wrong with them. */
export type MalformedFrame = { kind: string; bytes: Buffer };

const roomShape = shapeOf(roomRequestSchema);
const KIB = 1024;

const json = (value: unknown): string => JSON.stringify(value) ?? 'null';
const random8 = (random: Random): number => wholeBetween(random, 0, 255);
const noise = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => random8(random)));

const KINDS: readonly ((random: Random) => MalformedFrame)[] = [
  () => ({ kind: 'one byte too large', bytes: wireFrame(`"${'x'.repeat(64 * KIB - 1)}"`) }),
  () => ({ kind: 'claims an exabyte', bytes: wireFrame('x', { claimedBytes: 2n ** 60n, lengthBytes: 8 }) }),
  () => ({ kind: 'claims a negative length', bytes: wireFrame('x', { claimedBytes: 2n ** 63n, lengthBytes: 8 }) }),
  () => ({ kind: 'claims a megabyte', bytes: wireFrame('x'.repeat(99), { claimedBytes: KIB * KIB }) }),
  (random) => ({ kind: 'no UTF-8', bytes: wireFrame(Buffer.concat([Buffer.from([0xc3, 0x28]), noise(random, 40)])) }),
  () => ({ kind: 'surrogates in UTF-8', bytes: wireFrame(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])) }),
  (random) => ({ kind: 'binary', bytes: wireFrame(noise(random, 300), { opcode: 2 }) }),
  (random) => ({ kind: 'unknown opcode', bytes: wireFrame('{}', { opcode: pick(random, [3, 4, 5, 6, 7, 11, 15]) }) }),
  () => ({ kind: 'not masked', bytes: wireFrame('{"type":"leave"}', { masked: false }) }),
  () => ({ kind: 'compressed bit', bytes: wireFrame('{"type":"leave"}', { flags: 12 }) }),
  () => ({ kind: 'reserved bits', bytes: wireFrame('{"type":"leave"}', { flags: 11 }) }),
  () => ({ kind: 'deep lists', bytes: wireFrame('['.repeat(60 * KIB)) }),
  () => ({ kind: 'deep lists, closed', bytes: wireFrame(`${'['.repeat(30 * KIB)}${']'.repeat(30 * KIB)}`) }),
  () => ({ kind: 'deep objects', bytes: wireFrame(`${'{"a":'.repeat(8 * KIB)}1${'}'.repeat(8 * KIB)}`) }),
  () => ({ kind: 'half a frame', bytes: wireFrame('{"type":"leave"}', { claimedBytes: 400 }) }),
  () => ({ kind: 'half a head', bytes: Buffer.from([0x81]) }),
  () => ({ kind: 'first of two parts', bytes: wireFrame('{"type":', { flags: 0 }) }),
  () => ({ kind: 'second part without a first', bytes: wireFrame('"leave"}', { opcode: 0 }) }),
  () => ({ kind: 'large ping', bytes: wireFrame('p'.repeat(126), { opcode: 9 }) }),
  () => ({ kind: 'ping in parts', bytes: wireFrame('p', { opcode: 9, flags: 0 }) }),
  () => ({ kind: 'close of one byte', bytes: wireFrame('x', { opcode: 8 }) }),
  () => ({ kind: 'close with code 0', bytes: wireFrame(Buffer.from([0, 0]), { opcode: 8 }) }),
  () => ({ kind: 'length in more bytes than needed', bytes: wireFrame('{"a":1}', { lengthBytes: 8 }) }),
  () => ({ kind: 'flood of right frames', bytes: Buffer.concat(Array.from({ length: 300 }, () => wireFrame('{}'))) }),
  () => ({
    kind: 'flood of pings',
    bytes: Buffer.concat(Array.from({ length: 300 }, () => wireFrame('', { opcode: 9 }))),
  }),
  () => ({ kind: 'empty', bytes: wireFrame('') }),
  (random) => ({ kind: 'noise', bytes: noise(random, wholeBetween(random, 1, 2_000)) }),
  (random) => ({ kind: 'no JSON', bytes: wireFrame(`{"type":"join",${noise(random, 30).toString('latin1')}`) }),
  () => ({ kind: 'JSON of another kind', bytes: wireFrame('"join"') }),
  () => ({ kind: 'own __proto__', bytes: wireFrame('{"__proto__":{"type":"end"},"requestId":1}') }),
  () => ({ kind: 'HTTP in a WebSocket', bytes: Buffer.from('GET /health HTTP/1.1\r\nHost: x\r\n\r\n') }),
];

/** The frame with this number: every kind in turn, and between them requests that are nearly right. */
export function malformedFrame(random: Random, index: number): MalformedFrame {
  const make = KINDS[index % (KINDS.length + 9)];
  if (make !== undefined) return make(random);
  const value = hostileInput(roomShape, { random, carrier: 'json', known: {}, largestChars: 40_000 });
  return { kind: 'nearly right', bytes: wireFrame(json(value)) };
}

/** How many kinds of wrong frames there are. */
export const MALFORMED_KINDS = KINDS.length + 1;
