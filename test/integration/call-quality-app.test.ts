import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { goodLink } from '../support/good-link.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LinkQuality } from '../../contract/quality.ts';
import { callOfTwo } from '../support/call-of-two.ts';
import { callState, capture, Person, statusOf } from '../support/windowless-app.ts';

let root = '';
let ana: Person;
let ben: Person;
let link: LinkQuality;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-quality-'));
  ana = await Person.start(root, 'ana');
  ben = await Person.start(root, 'ben');
  const { guestCall } = await callOfTwo(ana, ben, 'Monday');
  link = goodLink(guestCall.selfId, { packetLoss: 0.04 });
});
afterEach(async () => {
  for (const person of [ana, ben]) await person.close();
  await rm(root, { recursive: true, force: true });
});

const lastTold = () => {
  const told = ana.told.findLast(({ name }) => name === 'call.quality');
  return told?.name === 'call.quality' ? told.payload.people : null;
};

it('what a window measured is told with bars and words, stands beside the recording, and is over with the call', async () => {
  const recording = await ana.ask('recording.start', {});
  await ana.ask('recording.attach', { recordingId: recording.id, clockMs: 1000 });
  await ana.ask('call.reportQuality', { links: [link] });
  expect(lastTold()).toMatchObject([
    { participantId: link.participantId, bars: 2, words: 'Weak: 4 % of the sound and picture is lost' },
    { words: 'Good', sentBitsPerSecond: 400_000 },
  ]);
  const path = join(recording.folder, 'quality.jsonl');
  await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toMatch(/\n$/));
  const line = JSON.parse(await readFile(path, 'utf8')) as { atMs: number; people: object[] };
  expect(line.people).toEqual([{ ...link, bars: 2 }]);
  expect(line.atMs).toBeGreaterThanOrEqual(0);

  const close = await capture(ana, recording.id, link.participantId, [{ lane: 'audio', file: 'audio-opus.webm' }]);
  await ana.ask('recording.stop', { recordingId: recording.id });
  await close();
  const completed = await statusOf(ana, 'completed');
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(line);
  expect(completed.sizeBytes).toBe(completed.deliverables.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));

  await ben.ask('call.leave', {});
  await callState(ana, (state) => state?.participants.length === 1);
  expect(lastTold()).toEqual([]);
});

it('numbers that cannot be are refused at the door, and change nothing', async () => {
  for (const over of [{ packetLoss: 1.5 }, { jitterMs: -1 }, { framesDropped: null }, { limitation: 'weather' }]) {
    const answer = await ana.raw('call.reportQuality', { links: [{ ...link, ...over }] });
    expect(answer).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
  }
  const many = Array.from({ length: 65 }, () => link);
  expect(await ana.raw('call.reportQuality', { links: many })).toMatchObject({ ok: false });
  expect(lastTold()).toBeNull();
});
