import type { ControlStats } from '../contract/control.ts';
import type { DeliverableId, MarkerId, ParticipantId, RecordingId, TrackId } from '../contract/ids.ts';
import type { ParticipantQuality, QualityReport } from '../contract/quality.ts';
import type { Deliverable, DiskSpace, Recording, RecordingHealth } from '../contract/recording.ts';
import type { Environment } from '../contract/requests.ts';
import type { CallRecorder } from './calls/call-recorder.ts';
import type { Calls } from './calls/calls-service.ts';
import type { Desk } from './calls/desk.ts';
import type { Cloud } from './cloud/cloud.ts';
import type { Control } from './control/control.ts';
import type { Retention } from './retention/retention.ts';
import type { SettingsStore } from './settings/settings-store.ts';

/** What the doors (window, control API) may ask of the app; who may do what is decided behind these functions. */
export type Services = {
  readonly settings: Pick<SettingsStore, 'get' | 'update'>;
  /** Calls and recordings, for whoever may. */
  readonly desk: Desk;
  /** What the own window alone does in a call. */
  readonly calls: Pick<Calls, 'current' | 'setMedia'>;
  readonly quality: {
    report(report: QualityReport): void;
    /** The way to one person of the call as it was measured last; null when it was not. */
    of: (participantId: ParticipantId) => ParticipantQuality | null;
    /** Pictures of others that arrived and were not shown, since the app started. */
    droppedFrames: () => number;
  };
  /** What the own window alone does for a recording: it captures. */
  readonly callRecorder: Pick<
    CallRecorder,
    'attach' | 'openTrack' | 'openSegment' | 'append' | 'expect' | 'closeSegment'
  >;
  /** The recordings on this computer. */
  readonly library: {
    rename(recordingId: RecordingId, title: string): Promise<Recording>;
    pin(recordingId: RecordingId, pinned: boolean): Promise<Recording>;
    exportTrack(recordingId: RecordingId, trackId: TrackId): Promise<Deliverable>;
    retry(recordingId: RecordingId): Promise<Recording>;
    space(people: number): Promise<DiskSpace>;
    /** Of a recording that runs now; null for any other. */
    health(recordingId: RecordingId): RecordingHealth | null;
    renameMarker(recordingId: RecordingId, markerId: MarkerId, name: string): Promise<Recording>;
    removeMarker(recordingId: RecordingId, markerId: MarkerId): Promise<Recording>;
    showInFolder(recordingId: RecordingId, deliverableId: DeliverableId | null): Promise<void>;
  };
  readonly cloud: Omit<Cloud, 'subscribe' | 'confirm' | 'view' | 'begin' | 'close'>;
  readonly retention: Omit<Retention, 'subscribe' | 'view' | 'begin' | 'close'>;
  /** Figures of this run; cheap enough to be asked many times a second. */
  readonly stats: () => Promise<ControlStats>;
  readonly control: Pick<Control, 'status' | 'ownerToken' | 'renewToken'>;
  /** The app around the window. */
  readonly desktop: {
    environment(): Promise<Environment>;
    close(choice: 'endAndClose' | 'stay'): void;
    inviteTaken(): void;
    copyText(text: string): void;
    chooseFolder(): Promise<string | null>;
  };
};
