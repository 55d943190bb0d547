import { describe, expect, it } from 'vitest';
import type { Recording } from '../../contract/recording.ts';
import { applyRecordingEvent, withRecording } from '../../renderer/app/recordings-list.ts';
import { commandsFor, commandWords } from '../../renderer/library/commands.ts';
import { fileFacts, fileName, inReadingOrder } from '../../renderer/library/file-words.ts';
import { hoveredThumbnail } from '../../renderer/library/hovered-thumbnail.ts';
import { playerCommand } from '../../renderer/library/player-keys.ts';
import {
  isAtRest,
  isBeingSaved,
  recordingStateWords,
  recordingTitle,
} from '../../renderer/recording/recording-words.ts';
import { shownRecording } from '../support/shown-recording.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const segment = {
  index: 0,
  file: 'segments/a.webm',
  container: 'webm',
  audioCodec: 'opus',
  videoCodec: 'vp8',
  offsetMs: 0,
  durationMs: 1,
  sizeBytes: 1,
  finished: true,
  endReason: 'stopped',
};
const track = (n: number, name: string, source = 'camera') => ({
  id: id(n),
  participantId: source === 'mix' ? null : id(n + 100),
  participantName: name,
  source,
  segments: [segment],
  lost: { endMs: 0, gaps: [], totalMs: 0 },
});
const file = (n: number, trackN: number, name: string, format: string, kind = 'track', source = 'camera') => ({
  id: id(n),
  kind,
  trackId: id(trackN),
  participantName: name,
  source,
  format,
  file: `deliverables/${n}.${format}`,
  durationMs: 61_000,
  offsetMs: 2500,
  sizeBytes: 2_000_000,
  note: null,
});
const recording = (over: object = {}): Recording =>
  shownRecording({
    format: 'webm',
    endedAt: null,
    tracks: [track(10, '', 'mix'), track(11, 'Ana'), track(12, 'Ben')],
    deliverables: [file(21, 12, 'Ben', 'webm'), file(22, 11, 'Ana', 'mp4'), file(20, 10, '', 'webm', 'mix', 'mix')],
    ...over,
  });

describe('state of a recording in words', () => {
  it('says how far the saving has come', () => {
    const saving = recording({ status: 'processing', progress: { stage: 'finishing', fraction: 0.629 } });
    expect(recordingStateWords(saving)).toBe('Saving 62 %');
    expect(isBeingSaved(saving)).toBe(true);
    expect(isAtRest(saving)).toBe(false);
  });

  it('says Saved when all is done, and what is being made of it later', () => {
    expect(recordingStateWords(recording())).toBe('Saved');
    expect(recordingStateWords(recording({ progress: { stage: 'exporting', fraction: 0.31 } }))).toBe(
      'Making the MP4 31 %',
    );
  });

  it('calls a recording without a title by the people in it', () => {
    expect(recordingTitle(recording())).toBe('Talk');
    expect(recordingTitle(recording({ title: '' }))).toBe('Call of Ana and Ben');
    expect(recordingTitle(recording({ title: '', participantNames: [] }))).toBe('Call');
  });

  it('says why a recording failed in a sentence, without its code', () => {
    const failed = recording({ status: 'failed', error: { code: 'DISK_FULL', message: 'ENOSPC', retryable: true } });
    expect(recordingStateWords(failed)).toBe('The disk is full.');
  });
});

describe('commands of a recording', () => {
  const place = { bucketReady: false, what: 'everything', mediaInBin: false } as const;
  const kinds = (entry: Recording): string[] => commandsFor(entry, place).map((command) => command.kind);

  it('offers an MP4 for every person who has none, and never for the mix', () => {
    const exports = commandsFor(recording(), place).filter((command) => command.kind === 'exportTrack');
    expect(exports.map(commandWords)).toEqual(['Save Ben as MP4']);
  });

  it('offers nothing that would touch files that are still being written', () => {
    expect(kinds(recording({ status: 'processing', deliverables: [] }))).toEqual(['showInFolder']);
    expect(kinds(recording({ status: 'recording', deliverables: [] }))).toEqual(['showInFolder']);
  });

  it('does not offer to delete while a file is being made', () => {
    expect(kinds(recording({ progress: { stage: 'exporting', fraction: 0.5 } }))).not.toContain('delete');
  });

  it('offers to try a failed one again', () => {
    expect(kinds(recording({ status: 'failed' }))).toEqual(['play', 'showInFolder', 'rename', 'retry', 'delete']);
  });
});

describe('files of a recording', () => {
  it('stand in reading order: everybody together first, then by name', () => {
    expect(inReadingOrder(recording().deliverables).map(fileName)).toEqual(['Everybody together', 'Ana', 'Ben']);
  });

  it('tell format, length and size', () => {
    const [, ana] = inReadingOrder(recording().deliverables);
    expect(ana && fileFacts(ana)).toBe('MP4 · 1 min 1 s · 2.0 MB');
  });

  it("tell a person's screen from their camera", () => {
    expect(fileName({ kind: 'track', participantName: 'Ana', source: 'screen' })).toBe("Ana's screen");
  });
});

describe('list of recordings', () => {
  const older = recording({ id: id(5), startedAt: '2026-11-19T10:00:00.000Z' });

  it('keeps the newest first and replaces an older state of the same recording', () => {
    const list = [older].reduce(withRecording, withRecording([], recording()));
    expect(list.map((entry) => entry.id)).toEqual([id(1), id(5)]);
    const renamed = applyRecordingEvent(list, { type: 'recordingChanged', recording: { ...older, title: 'New' } });
    expect(renamed.map((entry) => entry.title)).toEqual(['Talk', 'New']);
  });

  it('lets go of a deleted recording', () => {
    expect(applyRecordingEvent([older], { type: 'recordingDeleted', recordingId: older.id })).toEqual([]);
  });
});

describe('poster', () => {
  it('shows the middle preview, and under the pointer the one that belongs to its place', () => {
    expect(hoveredThumbnail(5, null, 0)).toBe(2);
    expect([0, 29, 30, 100, 149, 150].map((x) => hoveredThumbnail(5, x, 150))).toEqual([0, 0, 1, 3, 4, 4]);
    expect(hoveredThumbnail(0, 10, 150)).toBe(0);
  });
});

describe('keys of the player', () => {
  it('plays with space, moves with the arrows, and leaves other keys alone', () => {
    expect(playerCommand(' ', false)).toEqual({ kind: 'toggle' });
    expect(playerCommand('ArrowLeft', false)).toEqual({ kind: 'seekBy', seconds: -5 });
    expect(playerCommand('ArrowRight', true)).toEqual({ kind: 'seekBy', seconds: 1 });
    expect(playerCommand('Tab', false)).toBeNull();
  });
});
