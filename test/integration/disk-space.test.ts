import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ENDED_BY_FULL_DISK } from '../../contract/recording.ts';
import type { DiskSpace } from '../../contract/recording.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { loadLane } from '../support/lanes.ts';
import { decodeComplaints } from '../support/media-report.ts';
import { ADA, makeHarness, openTrack, play, start } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

const RESERVE_BYTES = 1_000_000_000;
let freeBytes: number;
let reserve: { diskReserveBytes: number };
let harness: Harness;

beforeEach(async () => {
  freeBytes = 10 * RESERVE_BYTES;
  reserve = { diskReserveBytes: RESERVE_BYTES };
  const files = { ...nodeFiles, freeBytes: () => Promise.resolve(freeBytes) };
  harness = await makeHarness(Object.assign(reserve, { files }));
});
afterEach(() => harness.end());

const lastSpace = (): DiskSpace | null => {
  const event = harness.events.findLast(({ type }) => type === 'recordingHealth');
  return event?.type === 'recordingHealth' ? event.space : null;
};

/** Lets time pass until the last report on the room is of this level. */
async function spaceBecomes(level: DiskSpace['level']): Promise<DiskSpace> {
  for (let turn = 0; turn < 200; turn += 1) {
    const space = lastSpace();
    if (space?.level === level) return space;
    harness.time.advance(250);
    await nextTurn();
  }
  throw new Error(`The room never became ${level}.`);
}

test('before Record the room is told in seconds at the rate of the settings: more people, less time', async () => {
  const one = await harness.recordings.space({ people: 1 });
  const three = await harness.recordings.space({ people: 3 });
  expect(one).toMatchObject({ freeBytes, level: 'ok' });
  // Mix and one person, each 2,128,000 bit/s; a tenth of the reserve is left alone.
  expect(one.secondsLeft).toBe(Math.floor((9.9 * RESERVE_BYTES) / (2 * 266_000)));
  expect(three.secondsLeft).toBe(Math.floor((9.9 * RESERVE_BYTES) / (4 * 266_000)));
});

test('below the reserve every report warns and the time left shrinks; at the floor the recording ends by itself and plays', async () => {
  const { id } = await start(harness, 'mkv');
  const track = await openTrack(harness, id, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio'],
    atMs: 0,
  });
  await play(harness, id, [{ ...track, lane: 'audio', chunks: loadLane('audio-opus.webm').chunks, atMs: 260 }]);
  expect((await spaceBecomes('ok')).secondsLeft).toBeGreaterThan(0);
  freeBytes = RESERVE_BYTES - 1;
  const first = await spaceBecomes('low');
  freeBytes = RESERVE_BYTES / 2;
  harness.time.advance(1_000);
  await nextTurn();
  harness.time.advance(1_000);
  await nextTurn();
  expect(lastSpace()?.secondsLeft ?? Infinity).toBeLessThan(first.secondsLeft ?? 0);

  freeBytes = RESERVE_BYTES / 10 - 1;
  harness.time.advance(1_000);
  await nextTurn();
  await nextTurn();
  harness.time.advance(2_000);
  const ended = await harness.recordings.settled({ recordingId: id });
  expect(ended).toMatchObject({ status: 'completed', error: null });
  expect(ended.notes).toContain(ENDED_BY_FULL_DISK);
  expect(await decodeComplaints(join(ended.folder, ended.deliverables[0]?.file ?? ''))).toBe('');
});

test('a reserve that is raised meanwhile ends nothing that is recorded; one that is lowered counts at once', async () => {
  const { id } = await start(harness, 'mkv');
  await spaceBecomes('ok');
  reserve.diskReserveBytes = 1_000 * RESERVE_BYTES;
  freeBytes = RESERVE_BYTES - 1;
  await spaceBecomes('low');
  expect(harness.recordings.get({ recordingId: id }).status).toBe('recording');
  reserve.diskReserveBytes = RESERVE_BYTES / 2;
  await spaceBecomes('ok');
  reserve.diskReserveBytes = 1_000 * RESERVE_BYTES;
  await harness.recordings.stop({ recordingId: id });
  await harness.recordings.settled({ recordingId: id });
  await expect(start(harness)).rejects.toMatchObject({ code: 'DISK_FULL' });
});

test('with too little room Record is refused in words and leaves nothing behind; with room again it starts', async () => {
  freeBytes = RESERVE_BYTES / 10 - 1;
  await expect(start(harness)).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true });
  expect(harness.recordings.list()).toEqual([]);
  expect((await readdir(harness.recordingsFolder)).filter((name) => !name.startsWith('.'))).toEqual([]);
  freeBytes = RESERVE_BYTES;
  expect((await start(harness)).status).toBe('recording');
});
