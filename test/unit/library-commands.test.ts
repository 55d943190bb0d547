import { describe, expect, it } from 'vitest';
import type { Recording } from '../../contract/recording.ts';
import { commandGroups, commandsFor, type CommandPlace } from '../../renderer/library/commands.ts';
import { IN_BUCKET, shownCloud, shownRecording } from '../support/shown-recording.ts';

const place: CommandPlace = { bucketReady: true, what: 'everything', mediaInBin: false };
const kinds = (recording: Recording, over: Partial<CommandPlace> = {}): string[] =>
  commandsFor(recording, { ...place, ...over }).map(({ kind }) => kind);
const withCloud = (...args: Parameters<typeof shownCloud>): Recording => shownRecording({ cloud: shownCloud(...args) });

describe('commands about the bucket', () => {
  it('offer to send only where there is a bucket', () => {
    expect(kinds(shownRecording())).toContain('upload');
    expect(kinds(shownRecording(), { bucketReady: false })).not.toContain('upload');
    expect(kinds(shownRecording({ status: 'processing' }))).not.toContain('upload');
  });

  it('offer nothing more to send when all that is to be sent is there', () => {
    expect(kinds(shownRecording({ cloud: IN_BUCKET }))).not.toContain('upload');
    const mixOnly = withCloud(['verified'], { state: 'verified' });
    expect(kinds(mixOnly, { what: 'mix' })).not.toContain('upload');
    expect(kinds(mixOnly, { what: 'everything' })).toContain('upload');
  });

  it('pause, resume and cancel what is on its way', () => {
    const going = kinds(withCloud(['uploading', 'queued']));
    expect(going).toEqual(expect.arrayContaining(['pauseUpload', 'cancelUpload']));
    expect(going).not.toEqual(expect.arrayContaining(['upload']));
    expect(kinds(withCloud(['uploading'], { paused: true }))).toContain('resumeUpload');
    expect(kinds(withCloud(['uploading'], { paused: true }))).not.toContain('pauseUpload');
  });

  it('try again what failed or changed, whatever else is there', () => {
    const failed = withCloud(['verified', 'failed'], { state: 'failed' });
    expect(kinds(failed, { bucketReady: false })).toEqual(expect.arrayContaining(['uploadAgain', 'cancelUpload']));
    const changed = kinds(withCloud(['changed'], { state: 'failed' }));
    expect(changed).toContain('uploadAgain');
    expect(changed).not.toContain('cancelUpload');
  });

  it('link to files that are verified and delete whatever is in the bucket, but not under a running upload', () => {
    expect(kinds(shownRecording({ cloud: IN_BUCKET }))).toEqual(
      expect.arrayContaining(['copyLink', 'removeFromBucket']),
    );
    const going = kinds(withCloud(['verified', 'uploading']));
    expect(going).toContain('copyLink');
    expect(going).not.toContain('removeFromBucket');
    expect(kinds(withCloud(['changed'], { state: 'failed' }))).not.toContain('copyLink');
  });
});

describe('commands about the copy on this computer', () => {
  it('pin what is here and unpin what is pinned', () => {
    expect(kinds(shownRecording())).toContain('pin');
    expect(kinds(shownRecording({ pinned: true }))).toContain('unpin');
    expect(kinds(shownRecording({ status: 'recording' }))).not.toContain('pin');
  });

  it('play nothing that is gone, and bring it back while the bin has it', () => {
    const gone = shownRecording({ mediaLeftAt: '2026-11-01T00:00:00.000Z', cloud: IN_BUCKET });
    expect(kinds(gone)).toEqual(['details', 'rename', 'copyLink', 'removeFromBucket', 'delete']);
    expect(kinds(gone, { mediaInBin: true })).toContain('bringBack');
    expect(kinds(shownRecording(), { mediaInBin: true })).not.toContain('bringBack');
  });

  it('come in groups of which none is empty', () => {
    for (const recording of [shownRecording(), shownRecording({ status: 'recording', deliverables: [] })]) {
      expect(commandGroups(recording, place).every((group) => group.length > 0)).toBe(true);
    }
  });
});
