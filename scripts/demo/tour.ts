import { mkdir, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recording } from '../../contract/recording.ts';
import { joinCall, press, startCall, waitForEvent, waitForTally, watchRecordings } from './drive.ts';
import { launchPerson, type Person } from './person.ts';
import type { DemoOptions } from './options.ts';

const GUEST_NAMES = ['Ben', 'Chiara', 'Deniz', 'Elif', 'Farid'];
const HOST_NAME = 'Ana';

export type DemoDeliverable = {
  kind: 'mix' | 'track';
  participant: string;
  source: string;
  path: string;
  format: string;
  durationMs: number;
  offsetMs: number;
  sizeBytes: number;
};

/** What the demo says on standard output, one JSON object a line. */
export type DemoEvent =
  | { event: 'launched'; role: 'host' | 'guest'; name: string; pid: number; profile: string }
  | { event: 'joined'; name: string; pid: number; joinToFirstFrameMs: number }
  | { event: 'recordingStarted'; recordingId: string; folder: string }
  | { event: 'recordingStopped'; recordingId: string; recordedMs: number }
  | { event: 'completed'; recordingId: string }
  | {
      event: 'result';
      ok: boolean;
      error?: string;
      recording: Recording | null;
      deliverables: DemoDeliverable[];
      thumbnails: string[];
      timings: { joinToFirstFrameMs: number | null; stopToPlayableMs: number | null; stopToCompletedMs: number | null };
    };

/** Hooks for measurements that watch a tour from inside its windows. */
export type TourHooks = {
  /** Runs while the recording is on, until it settles or the time is over, whichever is later. */
  whileRecording?(people: Person[], recording: Recording): Promise<void>;
};

/** Names what is not as it should be in a finished recording; empty when everything is there. */
export async function faultsOf(recording: Recording, people: number): Promise<string[]> {
  const faults: string[] = [];
  if (recording.status !== 'completed') faults.push(`status is ${recording.status}`);
  const mixes = recording.deliverables.filter((deliverable) => deliverable.kind === 'mix');
  const tracks = recording.deliverables.filter((deliverable) => deliverable.kind === 'track');
  if (mixes.length !== 1) faults.push(`${mixes.length} mixes instead of 1`);
  if (tracks.length !== people) faults.push(`${tracks.length} files of participants instead of ${people}`);
  for (const mix of mixes) {
    if (mix.format !== recording.format) faults.push(`the mix is ${mix.format}, not ${recording.format}`);
  }
  for (const deliverable of recording.deliverables) {
    const file = await stat(join(recording.folder, deliverable.file)).catch(() => null);
    if (file === null || file.size === 0 || file.size !== deliverable.sizeBytes)
      faults.push(`${deliverable.file} is not as listed`);
  }
  if (recording.thumbnails.length !== 5) faults.push(`${recording.thumbnails.length} thumbnails instead of 5`);
  return faults;
}

function deliverablesOf(recording: Recording): DemoDeliverable[] {
  return recording.deliverables.map(
    ({ kind, participantName, source, file, format, durationMs, offsetMs, sizeBytes }) => ({
      kind,
      participant: participantName,
      source,
      path: join(recording.folder, file),
      format,
      durationMs,
      offsetMs,
      sizeBytes,
    }),
  );
}

/** Waits for whichever comes first: the recording time is over, or the person interrupts. */
function recordingTime(seconds: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = seconds === 0 ? null : setTimeout(done, seconds * 1000);
    const finish = (): void => {
      if (timer !== null) clearTimeout(timer);
      done();
    };
    if (interrupted.aborted) finish();
    interrupted.addEventListener('abort', finish, { once: true });
  });
}

/** Holds a call between real apps, records it, waits until it is finished, and tells every step; answers whether all of it is true. */
export async function runTour(
  options: DemoOptions,
  say: (event: DemoEvent) => void,
  interrupted: AbortSignal,
  hooks: TourHooks = {},
): Promise<boolean> {
  const people: Person[] = [];
  const timings: Extract<DemoEvent, { event: 'result' }>['timings'] = {
    joinToFirstFrameMs: null,
    stopToPlayableMs: null,
    stopToCompletedMs: null,
  };
  let recording: Recording | null = null;
  let error: string | null = null;
  try {
    const folder = options.out ?? (await mkdtemp(join(tmpdir(), 'tallylight-demo-')));
    await mkdir(folder, { recursive: true });

    for (let index = 0; index < options.people; index += 1) {
      const person = await launchPerson({
        name: index === 0 ? HOST_NAME : (GUEST_NAMES[index - 1] ?? `Guest ${index}`),
        settings: { recordingsFolder: folder, format: options.format, signalingListenHost: '127.0.0.1' },
        video: options.videos[index % Math.max(1, options.videos.length)] ?? null,
        audio: options.audios[index % Math.max(1, options.audios.length)] ?? null,
      });
      people.push(person);
      say({
        event: 'launched',
        role: index === 0 ? 'host' : 'guest',
        name: person.name,
        pid: person.pid,
        profile: person.profile,
      });
    }
    const [host, ...guests] = people;
    if (host === undefined) throw new Error('A call needs a host.');

    const link = await startCall(host);
    for (const guest of guests) {
      const joinToFirstFrameMs = await joinCall(guest, link);
      timings.joinToFirstFrameMs = Math.max(timings.joinToFirstFrameMs ?? 0, joinToFirstFrameMs);
      say({ event: 'joined', name: guest.name, pid: guest.pid, joinToFirstFrameMs });
    }

    await watchRecordings(host.page);
    await press(host.page, 'Record');
    const started = await waitForEvent(host.page, 'recordingStarted', 15_000);
    recording = started.event.recording;
    say({ event: 'recordingStarted', recordingId: recording.id, folder: recording.folder });
    const timeIsOver = recordingTime(options.seconds, interrupted);
    for (const person of people) await waitForTally(person.page);
    await Promise.all([timeIsOver, hooks.whileRecording?.(people, recording)]);

    const stoppedAtMs = await press(host.page, 'Stop recording');
    const processing = await waitForEvent(host.page, 'recordingProcessing', 30_000);
    say({ event: 'recordingStopped', recordingId: recording.id, recordedMs: Math.round(stoppedAtMs - started.atMs) });
    timings.stopToPlayableMs = Math.round(processing.atMs - stoppedAtMs);
    const completed = await waitForEvent(host.page, 'recordingCompleted', 120_000);
    timings.stopToCompletedMs = Math.round(completed.atMs - stoppedAtMs);
    recording = completed.event.recording;
    say({ event: 'completed', recordingId: recording.id });
    const faults = await faultsOf(recording, options.people);
    if (faults.length > 0) error = `Not all of it is there: ${faults.join('; ')}`;
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  for (const person of people.toReversed()) {
    await person.close({ keepProfile: options.keepProfiles }).catch((thrown: unknown) => {
      error ??= `${person.name}'s app did not close: ${String(thrown)}`;
    });
  }
  say({
    event: 'result',
    ok: error === null,
    ...(error === null ? {} : { error }),
    recording,
    deliverables: recording === null ? [] : deliverablesOf(recording),
    thumbnails: recording === null ? [] : recording.thumbnails.map((file) => join(recording?.folder ?? '', file)),
    timings,
  });
  return error === null;
}
