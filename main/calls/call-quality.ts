import type { Call } from '../../contract/call.ts';
import type { CallId, ParticipantId } from '../../contract/ids.ts';
import {
  NOTHING_MEASURED,
  type LinkQuality,
  type ParticipantQuality,
  type QualityReport,
} from '../../contract/quality.ts';
import type { Clock, Scheduler } from '../recording/ports.ts';
import type { Calls } from './calls-service.ts';
import { judgeLink, judgeSending, type Judgement } from './judge-quality.ts';

/** Without a word for so long (three looks were missed) what was measured says nothing any more, milliseconds. */
export const STALE_AFTER_MS = 15_000;

export type CallQualityPorts = {
  calls: Pick<Calls, 'current' | 'subscribe'>;
  clock: Clock;
  scheduler: Scheduler;
  /** Told of each report as it was judged; never throws. */
  note: (look: { callId: CallId; people: readonly ParticipantQuality[] }) => void;
};

/** How the ways to the people of the call are, as the own window measures them. */
export type CallQuality = {
  report(report: QualityReport): void;
  /** The way to one person as it was measured last, or what is sent for the own one; null when it was not measured. */
  of(participantId: ParticipantId): ParticipantQuality | null;
  /** Pictures of others that arrived and were not shown, since the app started. */
  droppedFrames(): number;
  /** Calls back with everybody who was measured, after each report and change; the returned function ends it. */
  subscribe(listener: (people: ParticipantQuality[]) => void): () => void;
  close(): void;
};

type Measured = { link: LinkQuality; pictureExpected: boolean; atMs: number; wallMs: number };

/** Keeps what was measured last of each person of the running call, and judges it. */
export function createCallQuality({ calls, clock, scheduler, note }: CallQualityPorts): CallQuality {
  const listeners = new Set<(people: ParticipantQuality[]) => void>();
  const measured = new Map<ParticipantId, Measured>();
  let callId: CallId | null = null;
  let camerasBefore: ReadonlySet<ParticipantId> = new Set();
  let dropped = 0;
  let undoStale = (): void => undefined;

  const isStale = ({ atMs }: Measured): boolean => clock.monotonicMs() - atMs >= STALE_AFTER_MS;

  const judged = ({ link, wallMs }: Measured, judgement: Judgement): ParticipantQuality => ({
    ...link,
    ...judgement,
    measuredAtMs: wallMs,
  });

  const view = (each: Measured): ParticipantQuality =>
    judged(each, isStale(each) ? STALE : judgeLink(each.link, each.pictureExpected));

  const viewOfSelf = (call: Call): ParticipantQuality | null => {
    const all = [...measured.values()];
    const [newest] = all.toSorted((a, b) => b.atMs - a.atMs);
    if (newest === undefined) return null;
    const sending = judgeSending(all.filter((each) => !isStale(each)).map(({ link }) => link));
    if (sending === null && !isStale(newest)) return null;
    return {
      ...NOTHING_MEASURED,
      ...(sending ?? STALE),
      participantId: call.selfId,
      measuredAtMs: newest.wallMs,
    };
  };

  const people = (): ParticipantQuality[] => {
    const call = calls.current();
    if (call === null) return [];
    const self = viewOfSelf(call);
    return [...[...measured.values()].map((each) => view(each)), ...(self === null ? [] : [self])];
  };

  const tell = (): void => {
    const now = people();
    for (const listener of listeners) listener(now);
  };

  /** Forgets whoever is not in the call any more; whether anybody was forgotten. */
  const forgetThoseGone = (call: Call | null): boolean => {
    const before = measured.size;
    if (call === null || call.id !== callId) measured.clear();
    callId = call?.id ?? null;
    for (const id of measured.keys()) if (call?.participants.every((person) => person.id !== id)) measured.delete(id);
    if (measured.size === 0) undoStale();
    return measured.size !== before;
  };

  const stopListening = calls.subscribe(({ call }) => {
    if (forgetThoseGone(call)) tell();
  });

  return {
    report({ links }) {
      const call = calls.current();
      forgetThoseGone(call);
      if (call === null) return;
      const atMs = clock.monotonicMs();
      const wallMs = clock.wallMs();
      const fresh: Measured[] = [];
      const known = new Set(call.participants.map(({ id }) => id));
      known.delete(call.selfId);
      const withCamera = new Set(call.participants.flatMap(({ id, cameraOn }) => (cameraOn ? [id] : [])));
      for (const link of links) {
        // A person counts once in a report, and only who is in the call counts.
        if (!known.delete(link.participantId)) continue;
        // A camera that was turned on since the last look sent no pictures for a part of the time.
        const pictureExpected = withCamera.has(link.participantId) && camerasBefore.has(link.participantId);
        const each = { link, pictureExpected, atMs, wallMs };
        measured.set(link.participantId, each);
        fresh.push(each);
        dropped += link.framesDropped;
      }
      camerasBefore = withCamera;
      undoStale();
      if (measured.size > 0) undoStale = scheduler.after(STALE_AFTER_MS, tell);
      tell();
      if (fresh.length > 0) note({ callId: call.id, people: fresh.map(view) });
    },
    of(participantId) {
      const call = calls.current();
      if (call === null || call.id !== callId) return null;
      if (participantId === call.selfId) return viewOfSelf(call);
      const each = measured.get(participantId);
      return each === undefined ? null : view(each);
    },
    droppedFrames: () => dropped,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close() {
      stopListening();
      undoStale();
      listeners.clear();
    },
  };
}

const STALE: Judgement = { bars: 0, words: `Not measured for ${STALE_AFTER_MS / 1000} s` };
