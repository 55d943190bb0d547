import type { Call, CallRecording } from '../../contract/call.ts';
import { AppError } from '../../contract/errors.ts';
import type { CallId, ParticipantId, RecordingId, TrackId } from '../../contract/ids.ts';
import type { FileFormat, Recording } from '../../contract/recording.ts';
import type { ParsedInput } from '../../contract/requests.ts';
import type { Recordings } from '../recording/recording-service.ts';
import type { Calls } from './calls-service.ts';

/** What the recording of a call needs of the recordings service. */
export type CallRecordings = Pick<
  Recordings,
  | 'start'
  | 'stop'
  | 'pause'
  | 'resume'
  | 'addMarker'
  | 'attach'
  | 'openTrack'
  | 'openSegment'
  | 'append'
  | 'expect'
  | 'closeSegment'
  | 'callRecording'
  | 'subscribe'
>;

export type CallRecorderPorts = {
  calls: Pick<Calls, 'current' | 'requireHost' | 'subscribe' | 'publishRecording'>;
  recordings: CallRecordings;
  /** Format of the next recording. */
  format: () => FileFormat;
  onFault: (error: unknown, doing: string) => void;
};

/** The recording of the current call: who may record it, whose name is on what, and when it stops by itself. */
export type CallRecorder = Omit<CallRecordings, 'start' | 'openTrack' | 'callRecording' | 'subscribe'> & {
  /** Only if this is the call that the app hosts at this instant. */
  start(callId: CallId): Promise<Recording>;
  /** The name on a track is the one that the call knows, never one that a page says. */
  openTrack(input: ParsedInput<'recording.openTrack'>): Promise<{ trackId: TrackId }>;
  close(): void;
};

/** Makes the recorder of calls. */
export function createCallRecorder({ calls, recordings, format, onFault }: CallRecorderPorts): CallRecorder {
  /** Started by this app as the host of a call, in this run: only for these does a window's capture count. */
  const own = new Set<RecordingId>();
  /** Everybody seen in the call: who left keeps the name on what was recorded of them. */
  const namesById = new Map<ParticipantId, string>();
  let active: { recordingId: RecordingId; callId: Call['id'] } | null = null;

  const remember = (call: Call | null): void => {
    for (const { id, name } of call?.participants ?? []) namesById.set(id, name);
  };

  const requireOwn = (recordingId: RecordingId): void => {
    if (own.has(recordingId)) return;
    calls.requireHost();
    throw new AppError('RECORDING_NOT_RUNNING', 'This recording is not being made now.');
  };

  /** The same request, for recordings that this app makes as the host of its call. */
  const ofOwn =
    <I extends { recordingId: RecordingId }, T>(work: (input: I) => Promise<T>) =>
    async (input: I): Promise<T> => {
      requireOwn(input.recordingId);
      return work(input);
    };

  /** What the call is to be told of the active recording; null when nothing of it runs any more. */
  const shown = (recordingId: RecordingId): CallRecording | null => {
    const running = recordings.callRecording();
    return running?.recordingId === recordingId ? running : null;
  };

  const publish = (): void => {
    const call = calls.current();
    if (active === null || call === null || call.id !== active.callId || call.role !== 'host') return;
    try {
      calls.publishRecording(shown(active.recordingId));
    } catch (error) {
      onFault(error, 'telling the call of its recording');
    }
  };

  const stopByItself = async (recordingId: RecordingId): Promise<void> => {
    try {
      await recordings.stop({ recordingId });
    } catch (error) {
      onFault(error, 'stopping the recording of a call that is over');
    }
  };

  const undoCalls = calls.subscribe(({ call }) => {
    remember(call);
    if (active === null || call?.id === active.callId) return;
    // An ended call cannot come back: what is still being captured of it is all there will be.
    void stopByItself(active.recordingId);
    active = null;
  });

  // A running recording reports its health once a second: that is the beat of everybody's tally light.
  const undoRecordings = recordings.subscribe((event) => {
    const recordingId = 'recording' in event ? event.recording.id : event.recordingId;
    if (recordingId !== active?.recordingId) return;
    publish();
    if (shown(recordingId) === null) active = null;
  });

  return {
    async start(callId) {
      const call = calls.requireHost();
      if (call.id !== callId) throw new AppError('CALL_NOT_FOUND', 'This app is in no such call.');
      remember(call);
      const recording = await recordings.start({
        callId: call.id,
        title: call.title,
        recordedBy: namesById.get(call.selfId) ?? '',
        format: format(),
      });
      own.add(recording.id);
      if (calls.current()?.id === call.id) {
        active = { recordingId: recording.id, callId: call.id };
        publish();
      } else {
        // The call ended while its recording was being started.
        await stopByItself(recording.id);
      }
      return recording;
    },
    stop: ofOwn(recordings.stop),
    pause: ofOwn(recordings.pause),
    resume: ofOwn(recordings.resume),
    addMarker: ofOwn(recordings.addMarker),
    attach: ofOwn(recordings.attach),
    async openTrack({ recordingId, participantId, source }) {
      requireOwn(recordingId);
      if ((participantId === null) !== (source === 'mix')) {
        throw new AppError('INVALID_INPUT', 'Only the mix belongs to nobody.', { details: { field: 'participantId' } });
      }
      const participantName = participantId === null ? '' : namesById.get(participantId);
      if (participantName === undefined) {
        throw new AppError('NOT_FOUND', 'Nobody with this id was in the call.', {
          details: { field: 'participantId' },
        });
      }
      return recordings.openTrack({ recordingId, participantId, participantName, source });
    },
    openSegment: ofOwn(recordings.openSegment),
    append: ofOwn(recordings.append),
    expect(input) {
      requireOwn(input.recordingId);
      recordings.expect(input);
    },
    closeSegment: ofOwn(recordings.closeSegment),
    close() {
      undoCalls();
      undoRecordings();
    },
  };
}
