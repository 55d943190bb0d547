import type { Deliverable, DiskSpace, Recording } from '../../contract/recording.ts';
import type { DeliverableId, MarkerId, RecordingId, TrackId } from '../../contract/ids.ts';
import type { Environment } from '../../contract/requests.ts';
import type { CallRecorder } from '../calls/call-recorder.ts';
import type { Calls } from '../calls/calls-service.ts';
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
    delete(recordingId: RecordingId): Promise<void>;
    exportTrack(recordingId: RecordingId, trackId: TrackId): Promise<Deliverable>;
    retry(recordingId: RecordingId): Promise<Recording>;
    space(people: number): Promise<DiskSpace>;
    renameMarker(recordingId: RecordingId, markerId: MarkerId, name: string): Promise<Recording>;
    removeMarker(recordingId: RecordingId, markerId: MarkerId): Promise<Recording>;
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
