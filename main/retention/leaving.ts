import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Settings } from '../../contract/settings.ts';
import { assertNever } from '../../contract/errors.ts';

/** The settings of retention. */
export type LeavingPolicy = Pick<Settings, 'retentionPolicy' | 'retentionDays' | 'retentionUnverified'>;

/** What a policy asks for: how long after its end a recording leaves, and whether also the last copy. */
export type LeavingRule = { afterMs: number; unverified: boolean };

/** What is looked at of a recording. */
export type LeavingFacts = Pick<
  Recording,
  'status' | 'cloud' | 'pinned' | 'mediaLeftAt' | 'startedAt' | 'endedAt' | 'durationMs' | 'progress' | 'deliverables'
>;

/** What becomes of a recording. `because` is null when nobody needs to be told why it stays. */
export type Leaving =
  | { kind: 'stays'; because: string | null }
  | { kind: 'leaves'; what: 'media' | 'recording'; dueMs: number };

const DAY_MS = 24 * 3600 * 1000;

/** The rule of a policy; null when nothing leaves. */
export function ruleOf(policy: LeavingPolicy): LeavingRule | null {
  switch (policy.retentionPolicy) {
    case 'forever':
      return null;
    case 'days':
      return { afterMs: policy.retentionDays * DAY_MS, unverified: policy.retentionUnverified };
    case 'verified':
      return { afterMs: 0, unverified: false };
    default:
      return assertNever(policy.retentionPolicy);
  }
}

/** Whether and when a recording leaves by this rule, and what of it; why it stays although it is old enough. */
export function leavingOf(recording: LeavingFacts, rule: LeavingRule | null, nowMs: number): Leaving {
  if (rule === null || recording.mediaLeftAt !== null) return { kind: 'stays', because: null };
  const dueMs = endedMs(recording) + rule.afterMs;
  const because = whyItStays(recording, rule);
  if (because !== null) return { kind: 'stays', because: dueMs <= nowMs ? because : null };
  return { kind: 'leaves', what: isVerified(recording) ? 'media' : 'recording', dueMs };
}

function whyItStays(recording: LeavingFacts, rule: LeavingRule): string | null {
  const { status, cloud, pinned, progress } = recording;
  switch (status) {
    case 'recording':
    case 'paused':
    case 'stopping':
      return 'It is being recorded.';
    case 'processing':
    case 'interrupted':
      return 'It is still being saved.';
    case 'failed':
      return 'It could not be finished: its raw files are the only copy.';
    case 'completed':
      break;
    default:
      return assertNever(status);
  }
  if (progress !== null) return 'Something is still being made of it.';
  if (pinned) return 'You pinned it.';
  if (cloud.state === 'queued' || cloud.state === 'uploading') return 'It is being uploaded.';
  if (cloud.state === 'failed') return 'Its upload failed.';
  if (isVerified(recording)) return null;
  // To be queued in a moment, or something of it still lies half-sent in the bucket.
  if (cloud.unsettled) return 'Its upload is not settled yet.';
  if (rule.unverified) return null;
  const verified = new Set(cloud.files.filter(({ state }) => state === 'verified').map(({ file }) => file));
  const there = recording.deliverables.filter(({ file }) => verified.has(file));
  if (there.length === 0) return 'It is in no bucket.';
  return there.every(({ kind }) => kind === 'mix')
    ? 'Only its mix is in your bucket.'
    : 'Not all of its files are in your bucket.';
}

function isVerified({ cloud }: LeavingFacts): boolean {
  return cloud.state === 'verified' && cloud.complete;
}

/** When a recording ended, as far as anybody knows: after a crash nobody pressed Stop. */
function endedMs({ startedAt, endedAt, durationMs }: LeavingFacts): number {
  return endedAt === null ? Date.parse(startedAt) + durationMs : Date.parse(endedAt);
}

/** A notice, in believed time (see clock-guard.ts). */
export type Notice = { givenBelievedMs: number; seen: boolean };

export type LeavingInput = {
  recordings: readonly (LeavingFacts & Pick<Recording, 'id' | 'sizeBytes'>)[];
  rule: LeavingRule | null;
  nowMs: number;
  believedMs: number;
  notices: ReadonlyMap<RecordingId, Notice>;
  /** Somebody said yes to these when so many were to leave at once. */
  approved: ReadonlySet<RecordingId>;
};

export type LeavingPlan = {
  /** May go now: due, told long enough ago, and not too many at once. */
  ready: { id: RecordingId; what: 'media' | 'recording' }[];
  /** Somebody has to say yes to these first. */
  asking: RecordingId[];
  /** To be told about now. */
  announce: RecordingId[];
  /** Told, and nobody has read it yet. */
  notice: { recordingIds: RecordingId[]; firstAtMs: number } | null;
};

/** Before something leaves somebody is told, at least so long ahead (issue 4: one notice before, once). */
const NOTICE_MS = DAY_MS;
/** What leaves within this time is told of. */
const NOTICE_AHEAD_MS = 3 * DAY_MS;
/** More than these at once ask first (issue 4). */
const MAX_AT_ONCE = 10;
const MAX_SHARE_AT_ONCE = 0.2;

/** What is to be done at this look, of all recordings there are. */
export function planLeaving(input: LeavingInput): LeavingPlan {
  const { nowMs, believedMs, notices } = input;
  const leaving = input.recordings.flatMap((recording) => {
    const each = leavingOf(recording, input.rule, nowMs);
    return each.kind === 'leaves' ? [{ id: recording.id, what: each.what, dueMs: each.dueMs }] : [];
  });
  const due = leaving.filter(({ id, dueMs }) => dueMs <= nowMs && waitOf(notices.get(id), believedMs) === 0);
  const unapproved = due.filter(({ id }) => !input.approved.has(id));
  const isMany =
    unapproved.length > MAX_AT_ONCE ||
    (unapproved.length > 1 && unapproved.length > input.recordings.length * MAX_SHARE_AT_ONCE);
  const unread = leaving.filter(({ id }) => notices.get(id)?.seen === false);
  return {
    ready: (isMany ? due.filter(({ id }) => input.approved.has(id)) : due).map(({ id, what }) => ({ id, what })),
    asking: isMany ? unapproved.map(({ id }) => id) : [],
    announce: leaving
      .filter(({ id, dueMs }) => dueMs <= nowMs + NOTICE_AHEAD_MS && !notices.has(id))
      .map(({ id }) => id),
    notice:
      unread.length === 0
        ? null
        : {
            recordingIds: unread.map(({ id }) => id),
            firstAtMs: Math.min(...unread.map((each) => leavesAtMs(each, notices, nowMs, believedMs))),
          },
  };
}

/** When something that is due then really goes: not before the notice was there for its time. */
export function leavesAtMs(
  { id, dueMs }: { id: RecordingId; dueMs: number },
  notices: ReadonlyMap<RecordingId, Notice>,
  nowMs: number,
  believedMs: number,
): number {
  return Math.max(dueMs, nowMs + waitOf(notices.get(id), believedMs));
}

/** Whether a recording that comes back from the bin would leave again soon. */
export function leavesSoon(leaving: Leaving, nowMs: number): boolean {
  return leaving.kind === 'leaves' && leaving.dueMs <= nowMs + NOTICE_AHEAD_MS;
}

function waitOf(notice: Notice | undefined, believedMs: number): number {
  return notice === undefined ? NOTICE_MS : Math.max(0, NOTICE_MS - (believedMs - notice.givenBelievedMs));
}
