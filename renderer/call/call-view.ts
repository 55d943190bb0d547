import type { Call, CallEndReason, Participant } from '../../contract/call.ts';
import type { ErrorShape } from '../../contract/errors.ts';

/** One tile: a person, their live media and how the connection to them is doing. */
export type PersonView = {
  participant: Participant;
  isSelf: boolean;
  /** Live media to show and hear; the own one is shown mirrored and never heard. Null until the first track is there. */
  stream: MediaStream | null;
  connection: 'connecting' | 'connected' | 'reconnecting' | 'failed';
};

/** Everything a screen needs to draw a call. */
export type CallView =
  | { kind: 'idle'; lastEnd: CallEndReason | null }
  | { kind: 'entering' }
  | {
      kind: 'inCall';
      call: Call;
      people: PersonView[];
      microphoneOn: boolean;
      cameraOn: boolean;
      /** A device that could not be used, in typed form; the call goes on without it. */
      deviceProblem: ErrorShape | null;
      /** From entering to the first remote picture drawn, milliseconds; null while nobody else was seen. */
      joinToFirstFrameMs: number | null;
    };

/** Which devices to use; empty ids mean the system's default. */
export type DeviceChoice = { cameraId: string; microphoneId: string };

/** What screens may do with the call; all media work is behind it. */
export type CallSession = {
  getView(): CallView;
  /** Calls back after every change of the view; the returned function ends it. */
  subscribe(listener: () => void): () => void;
  create(input: { name: string; title: string; microphoneOn: boolean; cameraOn: boolean }): Promise<void>;
  join(input: {
    link: string;
    name: string;
    microphoneOn: boolean;
    cameraOn: boolean;
    consented: boolean;
  }): Promise<void>;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  chooseDevices(choice: DeviceChoice): Promise<void>;
  leave(): Promise<void>;
  end(): Promise<void>;
  /** Sound level 0..1 of one person now (self included); 0 when unknown. */
  levelOf(participantId: string): number;
  dispose(): void;
};
