import type { Deliverable, DiskSpace, Recording } from '../../contract/recording.ts';
import type { DeliverableId, MarkerId, RecordingId, TrackId } from '../../contract/ids.ts';
import type { Environment } from '../../contract/requests.ts';
import type { CallRecorder } from '../calls/call-recorder.ts';
import type { Calls } from '../calls/calls-service.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Retention } from '../retention/retention.ts';
import type { SettingsStore } from '../settings/settings-store.ts';

/** What the doors (windows now, programs later) may ask of the app; who may do what is decided behind these functions. */
export type Services = {
  readonly settings: Pick<SettingsStore, 'get' | 'update'>;
  readonly calls: Pick<Calls, 'current' | 'create' | 'inspect' | 'join' | 'setMedia' | 'leave' | 'end'>;
  readonly callRecorder: Omit<CallRecorder, 'close'>;
  /** The recordings on this computer. */
  readonly library: {
    get(recordingId: RecordingId): Promise<Recording>;
    list(): Promise<Recording[]>;
    rename(recordingId: RecordingId, title: string): Promise<Recording>;
    /** Into the bin; `alsoInBucket`: first its files in the bucket, for good. */
    delete(recordingId: RecordingId, options: { alsoInBucket: boolean }): Promise<void>;
    pin(recordingId: RecordingId, pinned: boolean): Promise<Recording>;
    exportTrack(recordingId: RecordingId, trackId: TrackId): Promise<Deliverable>;
    retry(recordingId: RecordingId): Promise<Recording>;
    space(people: number): Promise<DiskSpace>;
    renameMarker(recordingId: RecordingId, markerId: MarkerId, name: string): Promise<Recording>;
    removeMarker(recordingId: RecordingId, markerId: MarkerId): Promise<Recording>;
    showInFolder(recordingId: RecordingId, deliverableId: DeliverableId | null): Promise<void>;
  };
  readonly cloud: Omit<Cloud, 'subscribe' | 'confirm' | 'view' | 'begin' | 'close'>;
  readonly retention: Omit<Retention, 'subscribe' | 'view' | 'begin' | 'close'>;
  /** The app around the window. */
  readonly desktop: {
    environment(): Promise<Environment>;
    close(choice: 'endAndClose' | 'stay'): void;
    inviteTaken(): void;
    copyText(text: string): void;
    chooseFolder(): Promise<string | null>;
  };
};
