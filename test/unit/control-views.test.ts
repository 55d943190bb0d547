import { describe, expect, it } from 'vitest';
import { callSchema } from '../../contract/call.ts';
import { controlCallSchema, controlRecordingSchema, runningRecordingSchema } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import { trackIdSchema } from '../../contract/ids.ts';
import type { ParticipantQuality } from '../../contract/quality.ts';
import type { FileFormat, Recording } from '../../contract/recording.ts';
import { viewCall } from '../../main/control/call-view.ts';
import { chooseExport } from '../../main/control/export-choice.ts';
import { viewRecording, viewRunning } from '../../main/control/recording-view.ts';
import { shownRecording } from '../support/shown-recording.ts';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const trackId = (n: number) => trackIdSchema.parse(uuid(200 + n));

const deliverable = (n: number, over: object = {}) => ({
  id: uuid(100 + n),
  kind: 'track',
  trackId: uuid(200 + n),
  participantName: 'Ana',
  source: 'camera',
  format: 'mkv',
  file: `segments/${n}.mkv`,
  durationMs: 60_000,
  offsetMs: 0,
  sizeBytes: 1_000,
  note: null,
  ...over,
});
const ofMix = { kind: 'mix', source: 'mix', participantName: '' };

const track = (n: number, source: string, segments = 1) => ({
  id: uuid(200 + n),
  participantId: source === 'mix' ? null : uuid(300 + n),
  participantName: source === 'mix' ? '' : 'Ana',
  source,
  segments: Array.from({ length: segments }, (_, index) => ({
    index,
    file: `segments/${n}-${index}.mkv`,
    container: 'mkv',
    audioCodec: 'A_OPUS',
    videoCodec: null,
    offsetMs: 0,
    durationMs: 60_000,
    sizeBytes: 1_000,
    finished: true,
    endReason: 'stopped',
  })),
  lost: { endMs: 0, gaps: [], totalMs: 0 },
});

const view = (over: object) => viewRecording(shownRecording(over), null);

describe('a recording as programs see it', () => {
  it('has absolute paths, milliseconds and bytes, as the contract says', () => {
    const seen = view({ thumbnails: ['thumbnails/1.jpg'] });
    expect(controlRecordingSchema.parse(seen)).toEqual(seen);
    expect(seen).toMatchObject({
      outputPath: '/r/deliverables/0.mp4',
      fileSize: 3_000_000,
      duration: 60_000,
      health: null,
      thumbnails: ['/r/thumbnails/1.jpg'],
    });
    expect(seen.deliverables.map(({ path }) => path)).toEqual([0, 1, 2].map((n) => `/r/deliverables/${n}.mp4`));
    expect(seen.deliverables[0]).not.toHaveProperty('file');
  });

  it('has whole milliseconds, whatever the clock of the recording says', () => {
    expect(view({ durationMs: 12_901.5 }).duration).toBe(12_902);
  });

  it('has the health of a recorder that runs', () => {
    const health = { kind: 'degraded', cause: 'noBytes', message: 'Nothing arrives.' } as const;
    expect(viewRecording(shownRecording({ status: 'recording', endedAt: null }), health).health).toEqual(health);
  });

  it.each(['recording', 'paused', 'stopping', 'processing', 'interrupted'])(
    'has no output while it is %s: another file may still take its place',
    (status) => {
      expect(view({ status }).outputPath).toBeNull();
      expect(view({ status }).deliverables).toHaveLength(3);
    },
  );

  it('has the mix in its own format as output, then any mix, then the first file there is', () => {
    const mp4 = deliverable(1, { ...ofMix, format: 'mp4', file: 'deliverables/mix.mp4' });
    const mkv = deliverable(2, { ...ofMix, file: 'segments/mix-0.mkv' });
    const ana = deliverable(3, { format: 'mp4', file: 'deliverables/ana.mp4' });
    expect(view({ format: 'mp4', deliverables: [ana, mkv, mp4] }).outputPath).toBe('/r/deliverables/mix.mp4');
    expect(view({ format: 'mp4', deliverables: [ana, mkv] }).outputPath).toBe('/r/segments/mix-0.mkv');
    expect(view({ format: 'mkv', deliverables: [ana] }).outputPath).toBe('/r/deliverables/ana.mp4');
    expect(view({ deliverables: [] }).outputPath).toBeNull();
    expect(view({ status: 'failed', deliverables: [mkv] }).outputPath).toBe('/r/segments/mix-0.mkv');
  });

  it('names no file that is not here: its media left this computer', () => {
    const seen = view({ mediaLeftAt: '2026-11-21T10:00:00.000Z' });
    expect(seen).toMatchObject({ outputPath: null, deliverables: [], mediaLeftAt: '2026-11-21T10:00:00.000Z' });
    expect(controlRecordingSchema.parse(seen)).toEqual(seen);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', 'C:\\x', 'deliverables//x', 'a\0b'])(
    'names no file outside its folder, whatever its journal says: %j',
    (file) => {
      const seen = view({
        deliverables: [deliverable(1, { ...ofMix, file }), deliverable(2)],
        thumbnails: [file, 'thumbnails/2.jpg'],
      });
      expect(seen.outputPath).toBe('/r/segments/2.mkv');
      expect(seen.deliverables.map(({ path }) => path)).toEqual(['/r/segments/2.mkv']);
      expect(seen.thumbnails).toEqual(['/r/thumbnails/2.jpg']);
    },
  );

  it('says only what is needed when it is started or stopped', () => {
    const seen = viewRunning(shownRecording({ status: 'recording' }));
    expect(runningRecordingSchema.strict().parse(seen)).toEqual({
      id: uuid(1),
      callId: uuid(2),
      status: 'recording',
      startedAt: '2026-11-20T10:00:00.000Z',
    });
  });
});

describe('a call as programs see it', () => {
  const participant = (n: number, name: string, role: string) => ({
    id: uuid(n),
    peerId: uuid(50 + n),
    name,
    role,
    microphoneOn: true,
    cameraOn: false,
    order: n,
    present: true,
  });
  const call = callSchema.parse({
    id: uuid(1),
    title: 'Monday',
    inviteLink: 'tallylight://join/x',
    selfId: uuid(2),
    hostId: uuid(2),
    role: 'host',
    participants: [participant(2, 'Ana', 'host'), participant(3, 'Ben', 'participant')],
    ticket: {
      peerId: uuid(52),
      token: 'a-secret-of-its-own-window',
      host: '127.0.0.1',
      port: 1,
      secure: false,
      iceServers: [{ urls: ['turn:x'], username: 'u', credential: 'another-secret' }],
      videoCodec: 'h264',
    },
    connection: 'connected',
    joinedAtMs: Date.UTC(2026, 10, 22, 12),
    participantLimit: 4,
    recording: null,
  });
  const quality: ParticipantQuality = {
    participantId: call.participants[1]?.id ?? call.selfId,
    packetLoss: 0.01,
    roundTripMs: 20,
    jitterMs: 2,
    width: 640,
    height: 360,
    framesPerSecond: 30,
    framesDropped: 1,
    receivedBitsPerSecond: 1_000_000,
    sentBitsPerSecond: 900_000,
    limitation: 'none',
    bars: 4,
    words: 'Good',
    measuredAtMs: 1,
  };

  it('has its people with the quality of the way to each, and no secret of its window', () => {
    const seen = viewCall(call, (id) => (id === quality.participantId ? quality : null));
    expect(controlCallSchema.strict().parse(seen)).toEqual(seen);
    expect(seen).toMatchObject({ callId: uuid(1), joinedAt: '2026-11-22T12:00:00.000Z', participantLimit: 4 });
    expect(seen.participants.map((each) => [each.name, each.role, each.quality])).toEqual([
      ['Ana', 'host', null],
      ['Ben', 'participant', quality],
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/secret|peerId|ticket/);
  });
});

describe('what an export gives', () => {
  const mixMkv = deliverable(0, { ...ofMix, file: 'segments/mix.mkv' });
  const anaMkv = deliverable(1);
  const recording = (over: object = {}): Recording =>
    shownRecording({
      tracks: [track(1, 'camera'), track(0, 'mix'), track(2, 'camera')],
      deliverables: [mixMkv, anaMkv, deliverable(2)],
      ...over,
    });
  const choose = (format: FileFormat, n: number | null = null, over: object = {}) =>
    chooseExport(recording(over), { format, trackId: n === null ? null : trackId(n) });
  const refusal = (work: () => unknown): AppError => {
    try {
      work();
    } catch (error) {
      if (error instanceof AppError) return error;
    }
    throw new Error('It was not refused.');
  };

  it('is the finished file in that format, of the mix when no track is named', () => {
    expect(choose('mkv')).toMatchObject({ kind: 'ready', deliverable: { id: mixMkv.id } });
    expect(choose('mkv', 1)).toMatchObject({ kind: 'ready', deliverable: { id: anaMkv.id } });
  });

  it('is an MP4 that has to be made when there is none yet', () => {
    expect(choose('mp4')).toEqual({ kind: 'make', trackId: trackId(0) });
    expect(choose('mp4', 2)).toEqual({ kind: 'make', trackId: trackId(2) });
  });

  it('is of the first track with something in it when there is no mix', () => {
    const tracks = [track(1, 'camera', 0), track(2, 'camera')];
    expect(choose('mkv', null, { tracks })).toMatchObject({ kind: 'ready', deliverable: { trackId: uuid(202) } });
    expect(choose('mp4', null, { tracks: [track(0, 'mix', 0), ...tracks] })).toEqual({
      kind: 'make',
      trackId: trackId(2),
    });
  });

  it('is refused in another format, with what there is', () => {
    const refused = refusal(() => choose('webm'));
    expect(refused).toMatchObject({ code: 'CONFLICT', details: { format: 'webm', available: 'mkv' } });
    expect(refused.message).toContain('There is: mkv.');
    expect(refusal(() => choose('webm', 1, { deliverables: [mixMkv] }))).toMatchObject({
      code: 'CONFLICT',
      details: { available: '' },
    });
  });

  it('is never one piece of several', () => {
    const pieces = [mixMkv, { ...mixMkv, id: uuid(190), file: 'segments/mix-1.mkv' }];
    expect(refusal(() => choose('mkv', null, { deliverables: pieces }))).toMatchObject({ code: 'CONFLICT' });
    expect(choose('mp4', null, { deliverables: pieces })).toEqual({ kind: 'make', trackId: trackId(0) });
  });

  it('is refused while it is being saved, without its media, without the track, and of nothing', () => {
    expect(refusal(() => choose('mkv', null, { status: 'processing' })).code).toBe('RECORDING_BUSY');
    expect(refusal(() => choose('mp4', null, { status: 'recording' })).code).toBe('RECORDING_BUSY');
    expect(refusal(() => choose('mkv', null, { mediaLeftAt: '2026-11-21T10:00:00.000Z' })).code).toBe('CONFLICT');
    expect(refusal(() => choose('mp4', 9)).code).toBe('TRACK_UNKNOWN');
    expect(refusal(() => choose('mp4', null, { tracks: [] })).code).toBe('CONFLICT');
  });
});
