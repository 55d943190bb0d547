import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  callIdSchema,
  deliverableIdSchema,
  recordingIdSchema,
  trackIdSchema,
  type RecordingId,
} from '../../contract/ids.ts';
import { deliverableUrl, thumbnailUrl } from '../../contract/media-url.ts';
import type { Recording } from '../../contract/recording.ts';
import { journalLine } from '../../main/recording/journal-lines.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { answerMediaRequest } from '../../main/shell/media-response.ts';
import { CANARY_WORDS, differences, pictureOf, plantCanaries } from '../support/canary-tree.ts';
import { loadLane } from '../support/lanes.ts';
import { Person } from '../support/windowless-app.ts';
import { within } from './scenario.ts';

const SETTLE_LIMIT_MS = 120_000;
const DONE = new Set(['completed', 'failed']);

/** Where a folder that came from somewhere else names its own files: outside itself. */
function hostileFiles(outside: string): string[] {
  return [
    '../../../outside/canary.webm',
    '../canary.webm',
    `${outside}/canary.webm`,
    'segments/../../../../outside/canary.webm',
    'segments/./../canary.webm',
    '..\\..\\outside\\canary.webm',
    `file:${outside}/canary.webm`,
    `concat:${outside}/canary.webm`,
    'segments/link.webm',
    'linked/canary.webm',
    'segments/\u0000/../canary.webm',
    '',
    '.',
    '..',
    '/',
    'journal.jsonl',
    '%2e%2e/%2e%2e/outside/canary.webm',
  ];
}

/**
 * Recordings that somebody handed over, whose journals name files outside of their folders: brought to their end at the start, then
 * asked for everything. Says what of the files around them was changed or given out.
 */
export async function hostileJournals(): Promise<{ recordings: number; faults: string[] }> {
  const root = await mkdtemp(join(tmpdir(), 'tallylight-journals-'));
  const recordings = join(root, 'ana', 'recordings');
  const outside = join(root, 'outside');
  const faults: string[] = [];
  try {
    await mkdir(recordings, { recursive: true });
    await mkdir(outside);
    await plantCanaries([root, join(root, 'ana'), recordings, outside]);
    const written: { id: RecordingId; file: string }[] = [];
    for (const file of hostileFiles(outside)) {
      for (const ended of [true, false]) {
        written.push({ id: await writeHostile(recordings, outside, file, ended), file });
      }
    }
    const before = await pictureOf(root);
    const person = await Person.start(root, 'ana');
    try {
      await person.ask('settings.update', { retentionPolicy: 'forever' });
      for (const { id, file } of written) {
        for (const fault of await askForAll(person, id)) faults.push(`${JSON.stringify(file)}: ${fault}`);
      }
      for (const { id } of written) await person.result('recording.delete', { recordingId: id });
      await person.result('bin.empty', { entry: null });
    } finally {
      await person.close();
    }
    const own = (path: string): boolean =>
      path.startsWith(join(root, 'ana', 'profile')) ||
      path.startsWith(join(recordings, '.')) ||
      written.some(({ id }) => path.startsWith(join(recordings, id)));
    faults.push(...differences(root, before, await pictureOf(root), own));
    return { recordings: written.length, faults };
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** All that a person can ask of one recording once it is at its end. */
async function askForAll(person: Person, id: RecordingId): Promise<string[]> {
  const faults: string[] = [];
  const recording = await within(SETTLE_LIMIT_MS, `recording ${id}`, ended(person, id));
  if (recording === null) return faults;
  for (const { id: trackId } of recording.tracks) {
    await person.result('recording.exportTrack', { recordingId: id, trackId });
  }
  await person.result('recording.retry', { recordingId: id });
  const now = await within(SETTLE_LIMIT_MS, `recording ${id}`, ended(person, id));
  for (const each of now?.deliverables ?? []) {
    const shownBefore = person.shown.length;
    await person.result('recording.showInFolder', { recordingId: id, deliverableId: each.id });
    const shown = person.shown[shownBefore];
    if (shown !== undefined && !shown.startsWith(`${recording.folder}/`)) faults.push(`${shown} was shown`);
  }
  const addresses = [
    ...(now?.deliverables ?? []).map((each) => deliverableUrl(id, each.id)),
    ...(now?.thumbnails ?? []).map((_, index) => thumbnailUrl(id, index)),
  ];
  for (const url of addresses) {
    const answer = await answerMediaRequest({ url, method: 'GET', headers: new Headers() }, (each) =>
      person.findRecording(each),
    );
    const body = Buffer.from(await answer.arrayBuffer());
    if (body.includes(CANARY_WORDS) || body.equals(Buffer.concat(loadLane('mix-vp8.webm').chunks))) {
      faults.push(`${url} gave out a file from outside`);
    }
  }
  return faults;
}

/** The recording when nothing is under way with it; null when the app does not take it for one. */
async function ended(person: Person, id: RecordingId): Promise<Recording | null> {
  const recording = await person.findRecording(id);
  if (recording === null || DONE.has(recording.status)) return recording;
  return person.until((told) =>
    told
      .map((each) =>
        each.name === 'recording.event' &&
        'recording' in each.payload &&
        each.payload.recording.id === id &&
        DONE.has(each.payload.recording.status)
          ? each.payload.recording
          : undefined,
      )
      .findLast((each) => each !== undefined),
  );
}

async function writeHostile(recordings: string, outside: string, file: string, isEnded: boolean): Promise<RecordingId> {
  const id = recordingIdSchema.parse(randomUUID());
  const folder = join(recordings, id);
  await mkdir(join(folder, 'segments'), { recursive: true });
  await mkdir(join(folder, 'deliverables'));
  await symlink(join(outside, 'canary.webm'), join(folder, 'segments', 'link.webm'));
  await symlink(outside, join(folder, 'linked'));
  const trackId = trackIdSchema.parse(randomUUID());
  const facts = { trackId, segment: 0 };
  const sizeBytes = Buffer.concat(loadLane('mix-vp8.webm').chunks).byteLength;
  const records: JournalRecord[] = [
    {
      kind: 'started',
      version: 1,
      recordingId: id,
      callId: callIdSchema.parse(randomUUID()),
      title: 'From somebody',
      recordedBy: 'Eve',
      format: 'mp4',
      startedAt: new Date(Date.now() - 60_000).toISOString(),
    },
    // What is made of the track gets its name from this.
    {
      kind: 'trackOpened',
      trackId,
      participantId: null,
      participantName: '../../Eve',
      source: 'mix',
      stem: file.slice(0, 80) || '..',
    },
    { kind: 'segmentOpened', ...facts, lanes: ['av'], atMs: 0 },
    { kind: 'segmentFile', ...facts, file, container: 'webm', audioCodec: 'opus', videoCodec: 'vp8', offsetMs: 0 },
    { kind: 'durable', ...facts, sizeBytes: Math.floor(sizeBytes / 2), durationMs: 1_000, atMs: 1_000 },
  ];
  if (isEnded) {
    records.push(
      { kind: 'segmentClosed', ...facts, reason: 'stopped' },
      { kind: 'stopping', endedAt: new Date().toISOString(), elapsedMs: 2_000 },
      {
        kind: 'deliverable',
        replaces: [file],
        deliverable: {
          id: deliverableIdSchema.parse(randomUUID()),
          kind: 'mix',
          trackId,
          participantName: '',
          source: 'mix',
          format: 'webm',
          file,
          durationMs: 2_000,
          offsetMs: 0,
          sizeBytes,
          note: null,
        },
      },
      { kind: 'thumbnails', files: [file, file.replace('webm', 'txt')] },
      { kind: 'completed' },
    );
  }
  await writeFile(join(folder, 'journal.jsonl'), Buffer.concat(records.map(journalLine)));
  return id;
}
