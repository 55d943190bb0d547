import { mkdir, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recording } from '../../contract/recording.ts';
import { describeRecording, type DemoDeliverable, type DescribedRecording, type TrackLost } from './described.ts';
import { joinCall, press, startCall, waitForEvent, waitForTally, watchRecordings } from './drive.ts';
import { launchPerson, type Person } from './person.ts';
import type { DemoOptions } from './options.ts';

const GUEST_NAMES = ['Ben', 'Chiara', 'Deniz', 'Elif', 'Farid'];
const HOST_NAME = 'Ana';

/** From the first sign of an app's death until the system tells of it. */
const DEATH_TOLD_WITHIN_MS = 500;

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
    }
  | {
      event: 'library';
      /** From the start of the app's process until the Library showed every recording, milliseconds. */
      listedMs: number;
      recordings: (DescribedRecording & { lost: TrackLost[] })[];
    }
  | { event: 'failed'; error: string };

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
  const over = new AbortController();
  const died = Promise.withResolvers<never>();
  // Nobody may be waiting for it when it happens.
  died.promise.catch(() => undefined);

  const watchDeath = async ({ name, ended }: Person): Promise<void> => {
    const { code, signal } = await ended;
    if (over.signal.aborted) return;
    died.reject(new Error(`${name}'s app was ended from outside (${signal ?? `exit code ${code}`}).`));
  };

  const launch = async (index: number, folder: string): Promise<Person> => {
    const person = await launchPerson({
      name: index === 0 ? HOST_NAME : (GUEST_NAMES[index - 1] ?? `Guest ${index}`),
      settings: {
        // One app to a folder, and guests record nothing: theirs is never made.
        recordingsFolder: index === 0 ? folder : join(folder, `.guest-${index}`),
        format: options.format,
        signalingListenHost: '127.0.0.1',
      },
      video: options.videos[index % Math.max(1, options.videos.length)] ?? null,
      audio: options.audios[index % Math.max(1, options.audios.length)] ?? null,
    });
    if (over.signal.aborted) {
      // Another app died meanwhile, and nobody waits for this one any more.
      await person.close();
      throw new Error('The tour is over.');
    }
    people.push(person);
    void watchDeath(person);
    const { name, pid, profile } = person;
    say({ event: 'launched', role: index === 0 ? 'host' : 'guest', name, pid, profile });
    return person;
  };

  const tour = async (): Promise<void> => {
    const folder = options.out ?? (await mkdtemp(join(tmpdir(), 'tallylight-demo-')));
    await mkdir(folder, { recursive: true });
    const host = await launch(0, folder);
    for (let index = 1; index < options.people; index += 1) await launch(index, folder);

    const link = await startCall(host);
    for (const guest of people.slice(1)) {
      const joinToFirstFrameMs = await joinCall(guest, link);
      timings.joinToFirstFrameMs = Math.max(timings.joinToFirstFrameMs ?? 0, joinToFirstFrameMs);
      say({ event: 'joined', name: guest.name, pid: guest.pid, joinToFirstFrameMs });
    }

    await watchRecordings(host.page);
    await press(host.page, 'Record');
    const started = await waitForEvent(host.page, 'recordingStarted', 15_000);
    const { recording: running } = started.event;
    recording = running;
    say({ event: 'recordingStarted', recordingId: running.id, folder: running.folder });
    const timeIsOver = recordingTime(options.seconds, AbortSignal.any([interrupted, over.signal]));
    for (const person of people) await waitForTally(person.page);
    await Promise.all([timeIsOver, hooks.whileRecording?.(people, running)]);

    const stoppedAtMs = await press(host.page, 'Stop recording');
    const processing = await waitForEvent(host.page, 'recordingProcessing', 30_000);
    say({ event: 'recordingStopped', recordingId: running.id, recordedMs: Math.round(stoppedAtMs - started.atMs) });
    timings.stopToPlayableMs = Math.round(processing.atMs - stoppedAtMs);
    const completed = await waitForEvent(host.page, 'recordingCompleted', 120_000);
    timings.stopToCompletedMs = Math.round(completed.atMs - stoppedAtMs);
    recording = completed.event.recording;
    say({ event: 'completed', recordingId: running.id });
    const faults = await faultsOf(completed.event.recording, options.people);
    if (faults.length > 0) throw new Error(`Not all of it is there: ${faults.join('; ')}`);
  };

  const work = tour();
  // Whatever it comes to after the death of an app has no listener.
  work.catch(() => undefined);
  try {
    await Promise.race([work, died.promise]);
  } catch (thrown) {
    // A death shows first as a page that does not answer any more: the death is the reason.
    const reason = await Promise.race([died.promise.catch((death: unknown) => death), afterAMoment(thrown)]);
    error = reason instanceof Error ? reason.message : String(reason);
  }
  over.abort();
  const close = async (person: Person): Promise<void> => {
    await person.close({ keepProfile: options.keepProfiles }).catch((thrown: unknown) => {
      error ??= `${person.name}'s app did not close: ${String(thrown)}`;
    });
  };
  // The host last: its app carries the call of the others.
  await Promise.all(people.slice(1).map(close));
  await Promise.all(people.slice(0, 1).map(close));
  say({
    event: 'result',
    ok: error === null,
    ...(error === null ? {} : { error }),
    ...describeRecording(recording),
    timings,
  });
  return error === null;
}

/** What was thrown, a moment later: a process's end is told after its connections'. */
function afterAMoment(thrown: unknown): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, DEATH_TOLD_WITHIN_MS, thrown));
}
