import type { RecordingId } from '../../contract/ids.ts';
import type { Log } from '../log/log-file.ts';
import type { Clock, Files, Ids } from '../recording/ports.ts';
import { createBinDays } from './bin-days.ts';
import type { BinDays } from './bin-days.ts';
import { createClockWatch } from './clock-watch.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { Notice } from './leaving.ts';
import { readRetentionState, writeRetentionState } from './retention-state.ts';

/** What retention remembers, now and in the next run of the app. */
export type RetentionMemory = {
  readonly watch: ClockWatch;
  readonly days: BinDays;
  notices: () => ReadonlyMap<RecordingId, Notice>;
  approved: () => ReadonlySet<RecordingId>;
  /** Reads what the last run left; once. */
  load: () => Promise<void>;
  /** Never rejects: without it the next start remembers less, so that less leaves. */
  save: () => Promise<void>;
  /** These are told now that they leave. */
  announce: (recordingIds: readonly RecordingId[]) => void;
  /** Somebody has read of these. */
  noteSeen: (recordingIds: readonly RecordingId[]) => void;
  approve: (recordingIds: readonly RecordingId[]) => void;
  /** Forgets all others: should they leave again, that is told and asked again. */
  keepOnly: (recordingIds: ReadonlySet<RecordingId>) => void;
  forget: (recordingId: RecordingId) => void;
};

/** Makes the memory over one file of the profile. */
export function createRetentionMemory(
  ports: { files: Files; ids: Ids; clock: Clock; log: Log },
  path: string,
): RetentionMemory {
  const watch = createClockWatch(ports.clock);
  const days = createBinDays();
  let notices = new Map<RecordingId, Notice>();
  let approved = new Set<RecordingId>();
  let loading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    const state = await readRetentionState(ports.files, path);
    watch.begin(state?.clock ?? null);
    if (state === null) return;
    notices = new Map(state.notices);
    approved = new Set(state.approved);
    days.load(state.binSeen);
  };

  return {
    watch,
    days,
    notices: () => notices,
    approved: () => approved,
    load: () => (loading ??= read()),
    save: async () => {
      try {
        const state = { clock: watch.memory(), notices, approved, binSeen: days.seen() };
        await writeRetentionState(ports.files, ports.ids, path, state);
      } catch (error) {
        ports.log.warn({ err: error }, 'What retention remembers could not be written.');
      }
    },
    announce: (recordingIds) => {
      const givenBelievedMs = watch.believedMs();
      for (const id of recordingIds) notices.set(id, { givenBelievedMs, seen: false });
    },
    noteSeen: (recordingIds) => {
      for (const id of recordingIds) {
        const notice = notices.get(id);
        if (notice !== undefined) notices.set(id, { ...notice, seen: true });
      }
    },
    approve: (recordingIds) => {
      for (const id of recordingIds) approved.add(id);
    },
    keepOnly: (recordingIds) => {
      notices = new Map([...notices].filter(([id]) => recordingIds.has(id)));
      approved = new Set([...approved].filter((id) => recordingIds.has(id)));
    },
    forget: (recordingId) => {
      notices.delete(recordingId);
      approved.delete(recordingId);
    },
  };
}
