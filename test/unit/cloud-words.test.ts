import { describe, expect, it } from 'vitest';
import { cloudWaitSchema, NO_CLOUD, type RecordingCloud } from '../../contract/cloud.ts';
import { cloudFileName, cloudLine, isOutdated, isUploading, waitWords } from '../../renderer/library/cloud-words.ts';
import { IN_BUCKET, shownCloud, shownRecording } from '../support/shown-recording.ts';

const words = (cloud: RecordingCloud): string | undefined => cloudLine(cloud)?.words;

describe('what the bucket has of a recording, in words', () => {
  it('says nothing of a recording that was never sent', () => {
    expect(cloudLine(NO_CLOUD)).toBeNull();
  });

  it('says how far an upload is, how fast it goes and how long it takes', () => {
    const going = shownCloud(['verified', 'uploading', 'queued'], {
      sentBytes: 1_879_000,
      bytesPerSecond: 3_140_000,
      secondsLeft: 221,
    });
    expect(cloudLine(going)).toEqual({
      kind: 'going',
      words: 'In your bucket 62 %, 3.1 MB/s, 4 min left',
      fraction: 1_879_000 / 3_000_000,
    });
  });

  it('never rounds up to all of it', () => {
    expect(words(shownCloud(['uploading'], { sentBytes: 999_999 }))).toBe('In your bucket 99 %');
  });

  it('calls nothing verified while bytes are still being compared', () => {
    const comparing = shownCloud(['verified', 'verifying', 'verifying'], { sentBytes: 3_000_000 });
    expect(words(comparing)).toBe('Comparing what arrived');
    expect(words(shownCloud(['verifying', 'uploading'], { sentBytes: 1_000_000 }))).toBe('In your bucket 50 %');
  });

  it('tells all files from some of them', () => {
    expect(words(IN_BUCKET)).toBe('In your bucket, verified');
    expect(words(shownCloud(['verified'], { state: 'verified' }))).toBe('1 file in your bucket, verified');
    expect(words(shownCloud(['verified', 'verified'], { state: 'verified' }))).toBe('2 files in your bucket, verified');
  });

  it('says that a file changed after it was sent, but not while that is being put right', () => {
    const error = { code: 'SOURCE_CHANGED', message: 'x', retryable: true } as const;
    const changed = shownCloud(['verified', 'changed'], { state: 'failed', error });
    expect(isOutdated(changed)).toBe(true);
    expect(words(changed)).toBe('Changed since it went to your bucket');
    expect(isOutdated(shownCloud(['changed', 'queued'], { state: 'queued' }))).toBe(false);
    expect(words(shownCloud(['changed', 'failed'], { state: 'failed', error }))).toContain('Upload failed');
  });

  it('says that it waits, why, and keeps the bar of what was sent', () => {
    expect(cloudLine(shownCloud(['queued'], { state: 'queued' }))).toEqual({
      kind: 'going',
      words: 'Waiting for the bucket',
      fraction: null,
    });
    expect(cloudLine(shownCloud(['uploading'], { sentBytes: 250_000, waiting: 'offline' }))).toEqual({
      kind: 'going',
      words: 'Offline: goes on when the network is back',
      fraction: 0.25,
    });
    const all = cloudWaitSchema.options.map(waitWords);
    expect(new Set(all).size).toBe(cloudWaitSchema.options.length);
  });

  it('says that the person paused it, before any other reason to wait', () => {
    expect(words(shownCloud(['uploading'], { sentBytes: 620_000, paused: true, waiting: 'offline' }))).toBe(
      'Upload paused at 62 %',
    );
    expect(words(shownCloud(['queued'], { state: 'queued', paused: true }))).toBe('Upload paused');
  });

  it('says why it failed in a sentence without a code, and leads to the settings when they are the cause', () => {
    const error = { code: 'CLOUD_KEY_WRONG', message: 'InvalidAccessKeyId', retryable: false } as const;
    expect(cloudLine(shownCloud(['failed'], { state: 'failed', error }))).toMatchObject({
      kind: 'failed',
      words: 'Upload failed: The bucket does not accept these credentials.',
      settings: { kind: 'settings', section: 'cloud' },
    });
    const busy = { code: 'CLOUD_CONTENT_DIFFERS', message: 'x', retryable: false } as const;
    expect(cloudLine(shownCloud(['failed'], { state: 'failed', error: busy }))).toMatchObject({ settings: null });
  });

  it('takes an upload for one only while something of it is to be sent', () => {
    expect(isUploading(shownCloud(['queued'], { state: 'queued' }))).toBe(true);
    expect(isUploading(shownCloud(['verified', 'changed'], { state: 'failed' }))).toBe(false);
    expect(isUploading(IN_BUCKET)).toBe(false);
  });

  it('names files as the player does, and unknown ones by their file', () => {
    const { deliverables } = shownRecording();
    expect(cloudFileName({ file: 'deliverables/0.mp4' }, deliverables)).toBe('Everybody together, MP4');
    expect(cloudFileName({ file: 'thumbnails/3.jpg' }, deliverables)).toBe('3.jpg');
  });
});
