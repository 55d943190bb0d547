import type { Call, CallPreview } from '../../contract/call.ts';
import type { DeliverableId, ParticipantId, RecordingId, TrackId } from '../../contract/ids.ts';
import type {
  CapturePlan,
  Chunk,
  Deliverable,
  Lane,
  Recording,
  SegmentEndReason,
  TrackSource,
} from '../../contract/recording.ts';
import type { Environment, ParsedInput } from '../../contract/requests.ts';
import type { SettingsStore } from '../settings/settings-store.ts';

/** What the two doors (windows, programs) may ask of the app; who may do what was decided behind these functions. */
export type Services = {
  readonly settings: Pick<SettingsStore, 'get' | 'update'>;
  readonly calls: {
    current(): Call | null;
    create(input: ParsedInput<'call.create'>): Promise<Call>;
    inspect(link: string): Promise<CallPreview>;
    join(input: ParsedInput<'call.join'>): Promise<Call>;
    setMedia(media: ParsedInput<'call.setMedia'>): void;
    leave(): Promise<void>;
    end(): Promise<void>;
  };
  /** Recording of the current call: the host's alone. */
  readonly callRecorder: {
    start(): Promise<Recording>;
    stop(recordingId: RecordingId): Promise<Recording>;
    attach(recordingId: RecordingId, clockMs: number): Promise<{ zeroClockMs: number; plan: CapturePlan }>;
    openTrack(input: {
      recordingId: RecordingId;
      participantId: ParticipantId | null;
      source: TrackSource;
    }): Promise<{ trackId: TrackId }>;
    openSegment(input: {
      recordingId: RecordingId;
      trackId: TrackId;
      lanes: readonly Lane[];
      atMs: number;
    }): Promise<{ segment: number }>;
    append(chunk: Chunk): Promise<{ seq: number }>;
    expect(input: { recordingId: RecordingId; trackId: TrackId; lane: Lane; expecting: boolean }): Promise<void>;
    closeSegment(input: {
      recordingId: RecordingId;
      trackId: TrackId;
      segment: number;
      reason: SegmentEndReason;
    }): Promise<void>;
  };
  /** The recordings on this computer. */
  readonly library: {
    get(recordingId: RecordingId): Promise<Recording>;
    list(): Promise<Recording[]>;
    rename(recordingId: RecordingId, title: string): Promise<Recording>;
    delete(recordingId: RecordingId): Promise<void>;
    exportTrack(recordingId: RecordingId, trackId: TrackId): Promise<Deliverable>;
    retry(recordingId: RecordingId): Promise<Recording>;
    showInFolder(recordingId: RecordingId, deliverableId: DeliverableId | null): Promise<void>;
  };
  /** The app around the window. */
  readonly desktop: {
    environment(): Promise<Environment>;
    close(choice: 'endAndClose' | 'stay'): void;
    inviteTaken(): void;
    copyText(text: string): void;
    chooseFolder(): Promise<string | null>;
  };
};
