import { toErrorShape } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { RetentionStatus } from '../../contract/retention.ts';
import type { Unconfirmed } from '../cloud/confirm-copies.ts';
import type { Log } from '../log/log-file.ts';
import type { Clock, Files, Ids, Scheduler } from '../recording/ports.ts';
import type { Binned } from '../recording/recording-bin.ts';
import type { Recordings } from '../recording/recordings.ts';
import { cleanUpRecordings } from './clean-up.ts';
import { leavesAtMs, leavesSoon, leavingOf, planLeaving, ruleOf } from './leaving.ts';
import type { LeavingPlan, LeavingPolicy, LeavingRule } from './leaving.ts';
import { createRetentionMemory } from './retention-memory.ts';
import type { Retention } from './retention.ts';

export type RetentionPorts = {
  recordings: Pick<Recordings, 'list' | 'pin' | 'bin' | 'subscribe' | 'callRecording'>;
  files: Files;
  ids: Ids;
  clock: Clock;
  scheduler: Scheduler;
  /** Asks the bucket whether it still has what was verified of a recording; null when it has. */
  confirmCopies: (recordingId: RecordingId) => Promise<Unconfirmed | null>;
  settings: { get: () => LeavingPolicy; subscribe: (listener: () => void) => () => void };
  log: Log;
};

export type RetentionConfig = {
  /** The file in the app's profile that remembers notices and the clock. */
  path: string;
};

/** How often it is looked whether something is to leave. */
const LOOK_INTERVAL_MS = 3600 * 1000;
/** Changes come in bursts: one look, and one piece of news, is for all of them. */
const SETTLE_MS = 300;

const JUMPED = 'The clock of this computer jumped: nothing leaves by itself before the next start.';
const FIRST_RUN = 'Nothing is remembered of earlier runs of the app: nothing leaves before the next start.';
const WAITS = 'It waits for your answer: many would leave at once.';
const NOT_NOW = 'It is not to leave now.';

/** Builds retention over its ports; nothing happens by itself before `begin`. */
export function createRetention(ports: RetentionPorts, config: RetentionConfig): Retention {
  const { recordings, clock, scheduler, settings, log } = ports;
  const { bin } = recordings;
  const memory = createRetentionMemory(ports, config.path);
  const { watch, days } = memory;
  const listeners = new Set<(status: RetentionStatus) => void>();
  /** What somebody was asked about: an answer is about these, whatever became due meanwhile. */
  let asked: readonly RecordingId[] = [];
  /** Why the disk or the journal refused what the list would have allowed, since the recording changed last. */
  const refusals = new Map<RecordingId, string>();
  let working: Promise<unknown> = Promise.resolve();
  /** A look was asked for, or was cut short by a recording. */
  let lookWanted = false;
  let closed = false;
  let told = '';
  /** Whoever waits for a bucket that is away waits once and not for each recording. */
  let silence: Unconfirmed | null = null;
  let undoSettle: (() => void) | null = null;
  const undos: (() => void)[] = [];

  const rule = (): LeavingRule | null => ruleOf(settings.get());
  const isRecording = (): boolean => recordings.callRecording() !== null;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = working.then(memory.load).then(work);
    working = done.catch(() => undefined);
    return done;
  };

  const plan = (): LeavingPlan =>
    planLeaving({
      recordings: recordings.list(),
      rule: rule(),
      nowMs: clock.wallMs(),
      believedMs: watch.believedMs(),
      notices: memory.notices(),
      approved: memory.approved(),
    });

  const isSoon = (recording: Recording): boolean => {
    const nowMs = clock.wallMs();
    return leavesSoon(leavingOf(recording, rule(), nowMs), nowMs);
  };

  const binned = async (): Promise<{ entry: Binned; goesAtMs: number }[]> => {
    const entries = await bin.entries();
    if (days.look(entries, watch.believedMs())) await memory.save();
    return entries.map((entry) => ({ entry, goesAtMs: days.goesAtMs(entry, clock.wallMs(), watch.believedMs()) }));
  };

  const statusNow = async (): Promise<RetentionStatus> => {
    const trust = watch.trust();
    const { notice, asking } = plan();
    asked = trust === 'yes' ? asking : [];
    const sizes = new Map(recordings.list().map(({ id, sizeBytes }) => [id, sizeBytes]));
    const question = {
      recordingIds: [...asked],
      sizeBytes: asked.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0),
    };
    const isTold = notice !== null && trust !== 'jumped';
    return {
      notice: isTold ? { recordingIds: notice.recordingIds, firstAt: isoTime(notice.firstAtMs) } : null,
      question: asked.length === 0 ? null : question,
      clockJumped: trust === 'jumped' && recordings.list().some(isSoon),
      bin: (await binned()).map(({ entry: { binnedWallMs, participantNames, ...entry }, goesAtMs }) => ({
        ...entry,
        participantNames: [...participantNames],
        binnedAt: isoTime(binnedWallMs),
        goesAt: isoTime(goesAtMs),
      })),
    };
  };

  const tell = async (): Promise<RetentionStatus> => {
    const status = await statusNow();
    // Another rule is news too: every recording may leave on another day.
    const news = JSON.stringify([rule(), status]);
    if (news !== told) {
      told = news;
      for (const listener of listeners) listener(status);
    }
    return status;
  };

  /** Why the copies in the bucket cannot be relied on, in words; a bucket that does not answer is asked once a look. */
  const whyUnsure = async (id: RecordingId): Promise<string | null> => {
    const unconfirmed = silence ?? (await ports.confirmCopies(id));
    if (unconfirmed?.silent === true) silence = unconfirmed;
    return unconfirmed?.because ?? null;
  };

  /** A recording that may go, goes. Answers why it stays after all, which its card says too; null when it left. */
  const leave = async (id: RecordingId, what: 'media' | 'recording', by: LeavingRule): Promise<string | null> => {
    const staysBecause = (fresh: Recording): string | null => {
      const leaving = leavingOf(fresh, by, clock.wallMs());
      if (leaving.kind === 'stays') return leaving.because ?? NOT_NOW;
      return leaving.what === what && leaving.dueMs <= clock.wallMs() ? null : NOT_NOW;
    };
    try {
      const unsure = what === 'media' ? await whyUnsure(id) : null;
      if (unsure !== null) {
        refusals.set(id, unsure);
        log.info({ recordingId: id, what, reason: unsure }, 'It was to leave and stays.');
        return unsure;
      }
      await (what === 'media' ? bin.putMedia(id, staysBecause) : bin.putRecording(id, staysBecause));
      log.info({ recordingId: id, what }, 'It left this computer for the bin.');
      return null;
    } catch (error) {
      const { message, retryable } = toErrorShape(error);
      // What somebody works on is no news: the next look finds it done.
      if (!retryable) refusals.set(id, message.slice(0, 300));
      log.info({ recordingId: id, what, reason: message }, 'It was to leave and stays.');
      return message;
    }
  };

  /** Whoever changed his mind is told and asked anew, should it leave later after all. */
  const forgetChanged = (): void => {
    const still = recordings.list().filter(isSoon);
    memory.keepOnly(new Set(still.map(({ id }) => id)));
  };

  const look = async (): Promise<void> => {
    silence = null;
    const trust = watch.look();
    lookWanted = isRecording();
    if (trust !== 'jumped') {
      forgetChanged();
      memory.announce(plan().announce);
    }
    // What was told is on the disk before anything is done about it.
    await memory.save();
    if (trust === 'yes' && !isBusy()) {
      const by = rule();
      for (const { id, what } of plan().ready) if (by !== null && !isBusy()) await leave(id, what, by);
      await emptyOld();
      forgetChanged();
      await memory.save();
    }
    await tell();
  };

  /** Somebody began to record, or quits: the rest waits. */
  const isBusy = (): boolean => {
    lookWanted ||= isRecording();
    return lookWanted || closed;
  };

  const emptyOld = async (): Promise<void> => {
    for (const { entry, goesAtMs } of await binned()) {
      if (isBusy() || goesAtMs > clock.wallMs()) continue;
      try {
        const unsure = entry.kind === 'media' ? await whyUnsure(entry.recordingId) : null;
        if (unsure !== null) {
          log.info({ recordingId: entry.recordingId, reason: unsure }, 'It stays in the bin.');
          continue;
        }
        await bin.remove(entry.id, 'itself');
        log.info({ recordingId: entry.recordingId, what: entry.kind }, 'Its time in the bin was over.');
      } catch (error) {
        log.info({ recordingId: entry.recordingId, reason: toErrorShape(error).message }, 'It stays in the bin.');
      }
    }
  };

  const inBackground = (work: () => Promise<unknown>): void => {
    inTurn(work).catch((error: unknown) => log.warn({ err: error }, 'Retention could not look.'));
  };

  /** Soon, and once for a burst of changes: tells what is new, or also looks whether something is to leave. */
  const settle = (isLook: boolean): void => {
    lookWanted ||= isLook;
    undoSettle?.();
    undoSettle = scheduler.after(SETTLE_MS, () => {
      undoSettle = null;
      inBackground(lookWanted && !isRecording() ? look : tell);
    });
  };

  return {
    status: () => inTurn(tell),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    noticeSeen: () =>
      inTurn(async () => {
        memory.noteSeen(plan().notice?.recordingIds ?? []);
        await memory.save();
        await tell();
      }),
    answer: (choice) =>
      inTurn(async () => {
        const there = new Set(recordings.list().map(({ id }) => id));
        const ids = asked.filter((id) => there.has(id));
        if (choice === 'moveToBin') memory.approve(ids);
        else for (const recordingId of ids) await recordings.pin({ recordingId, pinned: true });
        await look();
        return tell();
      }),
    restore: (entry) =>
      inTurn(async () => {
        const recording = await bin.restore(entry);
        // Else it would go again at the next look, whatever somebody just decided.
        if (isSoon(recording)) {
          await recordings.pin({ recordingId: recording.id, pinned: true });
        }
        refusals.delete(recording.id);
        memory.forget(recording.id);
        await memory.save();
        return tell();
      }),
    empty: (entry) =>
      inTurn(async () => {
        const entries = entry === null ? (await bin.entries()).map(({ id }) => id) : [entry];
        const failures: unknown[] = [];
        for (const each of entries) await bin.remove(each, 'hand').catch((error: unknown) => failures.push(error));
        const status = await tell();
        if (failures.length > 0) throw failures[0];
        return status;
      }),
    cleanUp: ({ maxAgeMs }) =>
      inTurn(async () => {
        const trust = watch.look();
        silence = null;
        await memory.save();
        const { retentionPolicy, retentionUnverified } = settings.get();
        const by = { afterMs: maxAgeMs, unverified: retentionPolicy === 'days' && retentionUnverified };
        const refusal = trust === 'yes' ? null : trust === 'jumped' ? JUMPED : FIRST_RUN;
        const report = await cleanUpRecordings({
          recordings: recordings.list(),
          rule: by,
          nowMs: clock.wallMs(),
          leave: async (id, what) => refusal ?? (await leave(id, what, by)),
        });
        await tell();
        return report;
      }),
    view: (recording) => {
      const nowMs = clock.wallMs();
      const leaving = leavingOf(recording, rule(), nowMs);
      if (leaving.kind === 'stays') return { ...recording, leavesAt: null, staysBecause: leaving.because };
      const clockWords = watch.trust() === 'jumped' && leaving.dueMs <= nowMs ? JUMPED : null;
      const staysBecause = refusals.get(recording.id) ?? (asked.includes(recording.id) ? WAITS : clockWords);
      if (staysBecause !== null) return { ...recording, leavesAt: null, staysBecause };
      const told = { id: recording.id, dueMs: leaving.dueMs };
      const atMs = leavesAtMs(told, memory.notices(), nowMs, watch.believedMs());
      return { ...recording, leavesAt: isoTime(atMs), staysBecause: null };
    },
    begin: () => {
      if (closed || undos.length > 0) return;
      undos.push(
        scheduler.every(LOOK_INTERVAL_MS, () => inBackground(look)),
        settings.subscribe(() => settle(true)),
        recordings.subscribe((event) => {
          const { type } = event;
          if (type === 'recordingHealth' || type === 'recordingProgress' || type === 'recordingUploading') return;
          if (type !== 'recordingDeleted') refusals.delete(event.recording.id);
          settle(false);
        }),
      );
      inBackground(look);
    },
    close: async () => {
      closed = true;
      undoSettle?.();
      for (const undo of undos) undo();
      await inTurn(async () => {
        watch.look();
        await memory.save();
      }).catch(() => undefined);
    },
  };
}

function isoTime(atMs: number): string {
  // ECMA-262, 21.4.1.1: the last instant that a date can tell.
  return new Date(Math.min(Math.max(atMs, 0), 8.64e15)).toISOString();
}
