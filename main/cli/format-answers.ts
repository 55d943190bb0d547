import type { ControlData } from '../../contract/control-routes.ts';
import type { ControlCall, ControlRecording } from '../../contract/control.ts';
import { assertNever } from '../../contract/errors.ts';
import type { RecordingStatus } from '../../contract/recording.ts';
import { clock, counted, plain, size, when } from './words.ts';

type Lines = readonly string[];

/** The call that this app is in, or that it is in none. */
export function formatStatus({ calls }: ControlData<'listCalls'>): Lines {
  const [call] = calls;
  if (call === undefined) return ['You are in no call.'];
  const { participants, participantLimit, recording, role } = call;
  return [
    `${callName(call)}: ${participants.length} of ${participantLimit} people, you ${role === 'host' ? 'are the host' : 'joined it'}`,
    `Invite link: ${plain(call.inviteLink)}`,
    recording === null ? 'Not recorded.' : formatCallRecording(recording),
    ...participants.map(formatParticipant),
  ];
}

function callName({ title }: ControlCall): string {
  return plain(title) === '' ? 'A call' : `"${plain(title)}"`;
}

function formatParticipant({
  name,
  role,
  microphoneOn,
  cameraOn,
  present,
  quality,
}: ControlCall['participants'][number]) {
  const facts = [
    ...(role === 'host' ? ['host'] : []),
    microphoneOn ? 'microphone on' : 'microphone off',
    cameraOn ? 'camera on' : 'camera off',
    ...(present ? [] : ['connection lost']),
    ...(quality === null
      ? []
      : [`${quality.bars} of 4 bars${quality.words === '' ? '' : `: ${plain(quality.words)}`}`]),
  ];
  return `  ${plain(name)} (${facts.join(', ')})`;
}

function formatCallRecording({ state, health, elapsedMs, recordedBy }: NonNullable<ControlCall['recording']>): string {
  const who = `Recorded by ${plain(recordedBy)}, ${clock(elapsedMs)}`;
  if (state === 'paused') return `${who}, paused.`;
  if (state === 'stopping') return `${who}, being saved.`;
  switch (health.kind) {
    case 'starting':
      return `${who}, waiting for the first bytes on the disk.`;
    case 'ok':
      return `${who}, reaching the disk.`;
    case 'degraded':
      return `${who}, in trouble: ${plain(health.message)}`;
    default:
      return assertNever(health);
  }
}

/** One line per recording, its id first, as the other commands take it. */
export function formatList({ recordings }: ControlData<'listRecordings'>): Lines {
  return recordings.map(formatRecording);
}

/** What a person is told beside the list: a program that reads the list reads recordings and nothing else. */
export function hintOfList({ recordings, nextCursor }: ControlData<'listRecordings'>): string | null {
  if (recordings.length === 0) return 'There are no such recordings.';
  return nextCursor === null ? null : `There are more: add --cursor ${plain(nextCursor)}`;
}

function formatRecording(recording: ControlRecording): string {
  const { id, startedAt, duration, fileSize, title, participantNames } = recording;
  const people = participantNames.map(plain).join(', ');
  const columns = [
    id,
    when(startedAt),
    clock(duration).padStart(8),
    size(fileSize).padStart(9),
    stateWords(recording),
    plain(title) === '' ? people : `${plain(title)}${people === '' ? '' : ` (${people})`}`,
  ];
  return columns.join('  ').trimEnd();
}

function stateWords({ status, mediaLeftAt, cloud }: ControlRecording): string {
  if (mediaLeftAt !== null) return 'media gone';
  const there = cloud.state === 'verified' ? ', in your bucket' : '';
  return `${statusWords(status)}${there}`;
}

/** What a status is called in front of people. */
export function statusWords(status: RecordingStatus): string {
  switch (status) {
    case 'recording':
      return 'recording';
    case 'paused':
      return 'paused';
    case 'stopping':
    case 'processing':
      return 'being saved';
    case 'completed':
      return 'saved';
    case 'failed':
      return 'not whole';
    case 'interrupted':
      return 'interrupted';
    default:
      return assertNever(status);
  }
}

/** What a changed recording is doing now. */
export function formatRunning({ id, status }: ControlData<'startRecording'>): Lines {
  return [`${statusWords(status)[0]?.toUpperCase() ?? ''}${statusWords(status).slice(1)}: ${id}`];
}

/** Where a marker was dropped. */
export function formatMarker({ atMs, name }: ControlData<'addMarker'>): Lines {
  return [`Marker${plain(name) === '' ? '' : ` "${plain(name)}"`} at ${clock(atMs)}.`];
}

/** The call that was joined. */
export function formatJoined(call: ControlCall): Lines {
  return [
    `You are in ${callName(call)} with ${call.participants.length < 2 ? 'nobody yet' : counted(call.participants.length - 1, 'other')}.`,
    ...(call.recording === null ? [] : [formatCallRecording(call.recording)]),
  ];
}

/** What went into the bin, and what stays and why. */
export function formatCleanup({ deleted, refused, freedBytes }: ControlData<'cleanUp'>): Lines {
  return [
    deleted.length === 0
      ? 'Nothing went into the bin.'
      : `${counted(deleted.length, 'recording')} went into the bin (${size(freedBytes)}).`,
    ...refused.map(({ recordingId, reason }) => `Stays: ${recordingId}: ${plain(reason)}`),
  ];
}
