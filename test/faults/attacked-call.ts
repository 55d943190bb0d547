import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Call } from '../../contract/call.ts';
import type { TrackId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { callOfTwo } from '../support/call-of-two.ts';
import { makeEndlessLane } from '../support/endless-lane.ts';
import { packetTimesMs } from '../support/media-report.ts';
import { Person, statusOf } from '../support/windowless-app.ts';
import { framesIn } from './acked-chunks.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { within } from './scenario.ts';

const FINISH_LIMIT_MS = 60_000;

/** Two apps without windows in one call, and the host's recording of it, which is fed as a window would feed it. */
export type AttackedCall = {
  root: string;
  host: Person;
  guest: Person;
  call: Call;
  guestCall: Call;
  recording: Recording;
  trackId: TrackId;
  segment: number;
  /** What the host's app logged as a warning or worse. */
  logged: readonly string[];
  /** The lines among them that tell of what nobody foresaw. */
  errors: readonly string[];
  /** Appends the next quarter of a second; throws unless it is acknowledged. */
  feed(): Promise<void>;
  fedChunks(): number;
  /** Stops, waits for the end, and says what is wrong with what was saved. */
  finish(): Promise<{ recording: Recording; faults: string[] }>;
  /** Closes the apps and removes all they wrote. */
  end(): Promise<void>;
};

/** Opens such a call; whatever is to lie around it is made by `prepare` first. */
export async function openAttackedCall(
  prepare: (root: string) => Promise<void> = async () => {},
): Promise<AttackedCall> {
  const root = await mkdtemp(join(tmpdir(), 'tallylight-attacked-'));
  const logged: string[] = [];
  const errors: string[] = [];
  const line = (facts: unknown, words: unknown): string => `${String(words)} ${described(facts)}`;
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (facts: unknown, words?: unknown) => void logged.push(line(facts, words)),
    error: (facts: unknown, words?: unknown) => {
      logged.push(line(facts, words));
      errors.push(line(facts, words));
    },
  };
  const people: Person[] = [];
  const end = async (): Promise<void> => {
    for (const person of people) await person.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await prepare(root);
    const host = await Person.start(root, 'ana', { log });
    people.push(host);
    const guest = await Person.start(root, 'ben');
    people.push(guest);
    const { call, guestCall } = await callOfTwo(host, guest, 'Attacked');
    const lane = await makeEndlessLane('ffmpeg', root, 'mix', {
      widthPx: 160,
      heightPx: 120,
      videoBitsPerSecond: 100_000,
      tracks: 'av',
      codec: 'libx264',
    });
    const recording = await host.ask('recording.start', {});
    const recordingId = recording.id;
    await host.ask('recording.attach', { recordingId, clockMs: 1000 });
    const { trackId } = await host.ask('recording.openTrack', { recordingId, participantId: null, source: 'mix' });
    const { segment } = await host.ask('recording.openSegment', { recordingId, trackId, lanes: ['av'], atMs: 5 });
    let seq = 0;
    return {
      root,
      host,
      guest,
      call,
      guestCall,
      recording,
      trackId,
      segment,
      logged,
      errors,
      async feed() {
        const bytes = lane.chunk(seq);
        const chunk = { recordingId, trackId, segment, lane: 'av' as const, seq, crc32: crc32(bytes), bytes };
        const ack = await host.ask('recording.append', { ...chunk, atMs: 5 + seq * 250 });
        if (ack.seq !== seq) throw new Error(`Chunk ${seq} was acknowledged as ${ack.seq}.`);
        seq += 1;
      },
      fedChunks: () => seq,
      async finish() {
        await host.ask('recording.stop', { recordingId });
        await host.ask('recording.closeSegment', { recordingId, trackId, segment, reason: 'stopped' });
        const saved = await within(FINISH_LIMIT_MS, 'saving', statusOf(host, 'completed'));
        const faults = await faultsOfSaved(saved);
        const chunks = Array.from({ length: seq }, (_, index) => lane.chunk(index));
        faults.push(...(await missingFrames(saved, trackId, segment, chunks)));
        return { recording: saved, faults };
      },
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** What of the acknowledged chunks is not in the file of the segment. */
async function missingFrames(
  recording: Recording,
  trackId: TrackId,
  segment: number,
  chunks: readonly Uint8Array[],
): Promise<string[]> {
  const track = recording.tracks.find(({ id }) => id === trackId);
  const file = track?.segments.find(({ index }) => index === segment)?.file;
  if (file === undefined) return ['the segment that was fed is not listed'];
  const faults: string[] = [];
  for (const { type, stream, acknowledged } of framesIn(chunks)) {
    const kept = (await packetTimesMs(join(recording.folder, file), stream)).length;
    if (kept !== acknowledged) faults.push(`${acknowledged} frames of ${type} were acknowledged and ${kept} are kept`);
  }
  return faults;
}

function described(facts: unknown): string {
  if (typeof facts !== 'object' || facts === null) return String(facts);
  const { err, ...rest } = facts as { err?: unknown };
  const cause = err instanceof Error ? (err.stack ?? err.message) : '';
  return `${JSON.stringify(rest)} ${cause}`.slice(0, 1_500);
}
