import type { CapturePlan } from '../../contract/recording.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { AppClient } from '../app-client.ts';
import type { ChunkSender } from './chunk-sender.ts';

/** What every capture of one running recording shares. */
export type CaptureContext = {
  client: Pick<AppClient, 'request'>;
  recordingId: RecordingId;
  plan: CapturePlan;
  sender: ChunkSender;
  audioContext: AudioContext;
  /** A loaded worker for the mix; the mix ends it. */
  mixWorker: Worker;
  /** The recording's clock now, milliseconds. */
  clockMs: () => number;
};
