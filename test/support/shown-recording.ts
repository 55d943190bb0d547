import { NO_CLOUD, type CloudFile, type RecordingCloud } from '../../contract/cloud.ts';
import { recordingSchema, type Recording } from '../../contract/recording.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const deliverable = (n: number, name: string) => ({
  id: id(100 + n),
  kind: name === '' ? 'mix' : 'track',
  trackId: id(200 + n),
  participantName: name,
  source: name === '' ? 'mix' : 'camera',
  format: 'mp4',
  file: `deliverables/${n}.mp4`,
  durationMs: 60_000,
  offsetMs: 0,
  sizeBytes: 1_000_000,
  note: null,
});

/** A completed recording of Ana and Ben with three files, as screens get it. */
export function shownRecording(over: object = {}): Recording {
  return recordingSchema.parse({
    id: id(1),
    callId: id(2),
    title: 'Talk',
    status: 'completed',
    format: 'mp4',
    folder: '/r',
    startedAt: '2026-11-20T10:00:00.000Z',
    endedAt: '2026-11-20T10:01:00.000Z',
    durationMs: 60_000,
    sizeBytes: 3_000_000,
    participantNames: ['Ana', 'Ben'],
    tracks: [],
    deliverables: [deliverable(0, ''), deliverable(1, 'Ana'), deliverable(2, 'Ben')],
    thumbnails: [],
    markers: [],
    notes: [],
    progress: null,
    error: null,
    cloud: NO_CLOUD,
    pinned: false,
    mediaLeftAt: null,
    leavesAt: null,
    staysBecause: null,
    ...over,
  });
}

/** What a recording has in a bucket: its files, in the order of the deliverables, in these states. */
export function shownCloud(states: readonly CloudFile['state'][], over: Partial<RecordingCloud> = {}): RecordingCloud {
  return {
    ...NO_CLOUD,
    state: 'uploading',
    totalBytes: states.length * 1_000_000,
    destination: { provider: 's3', bucket: 'calls', region: '', endpoint: '', pathStyle: false },
    files: states.map((state, n) => ({
      file: `deliverables/${n}.mp4`,
      key: `Talk/${n}.mp4`,
      sizeBytes: 1_000_000,
      state,
    })),
    ...over,
  };
}

/** All of it there, compared. */
export const IN_BUCKET: RecordingCloud = shownCloud(['verified', 'verified', 'verified'], {
  state: 'verified',
  sentBytes: 3_000_000,
  complete: true,
});
