import { callIdSchema, trackIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { FileFormat, Lane, Recording, TrackSource } from '../../contract/recording.ts';
import type { SegmentFacts } from '../media/matroska/segment-facts.ts';
import { applyRecord, startedModel } from './fold.ts';
import { JOURNAL_VERSION } from './journal-records.ts';
import type { JournalRecord } from './journal-records.ts';
import { MAX_SEGMENTS_PER_TRACK, MAX_TRACKS } from './limits.ts';
import { SEGMENTS_FOLDER } from './recording-folder.ts';
import type { RecordingModel, TrackModel } from './recording-model.ts';

/** A segment's file as its name and its head describe it. */
export type FoundSegment = {
  /** Path relative to the recording's folder. */
  file: string;
  stem: string;
  index: number;
  container: 'webm' | 'mkv';
  /** Null when its head cannot be read. */
  facts: SegmentFacts | null;
  modifiedWallMs: number | null;
};

/** All that is known of a recording whose journal may not say everything. */
export type SalvageInput = {
  recordingId: RecordingId;
  /** What the journal's valid prefix says; null when it has no start. */
  model: RecordingModel | null;
  /** Good records behind a damaged place. */
  behind: readonly JournalRecord[];
  isDamaged: boolean;
  /** What the library remembers. */
  row: Recording | null;
  files: readonly FoundSegment[];
  /** When the folder was changed last: the time of a recording of which nothing else tells one. */
  folderWallMs: number;
  hasMixMp4: boolean;
  nextId: () => string;
};

/** In the grammar of contract/ids.ts: the call of a recording that nobody knows any more. */
export const UNKNOWN_CALL = callIdSchema.parse('00000000-0000-0000-0000-000000000000');

/** A file's time that is further from the recording's start than this is not believed. */
const MAX_OFFSET_MS = 7 * 24 * 3600 * 1000;

/** Takes a name of the segments folder apart; null for what is not a segment's file. */
export function parseSegmentName(name: string): Pick<FoundSegment, 'file' | 'stem' | 'index' | 'container'> | null {
  const match = /^(.{1,80})-(\d{1,4})\.(webm|mkv)$/u.exec(name);
  const [, stem, index, container] = match ?? [];
  if (stem === undefined || (container !== 'webm' && container !== 'mkv')) return null;
  return { file: `${SEGMENTS_FOLDER}/${name}`, stem, index: Number(index), container };
}

/** The records that a journal lacks, from what lies behind its damage, from the library and from the files themselves. */
export function salvagePlan(input: SalvageInput): JournalRecord[] {
  const plan: JournalRecord[] = [];
  const started = input.model === null ? startOf(input) : null;
  let model = input.model ?? startedModel(started ?? startOf(input));
  if (started !== null) plan.push(started);
  const add = (record: JournalRecord): void => {
    plan.push(record);
    model = applyRecord(model, record);
  };

  const there = new Set(input.files.map((file) => file.file));
  for (const record of input.behind) if (isNews(model, record, there)) add(record);
  const startedMs = Date.parse(model.startedAt);
  for (const found of inOrder(input.files)) {
    if (isNamed(model, found.file)) continue;
    for (const record of adopt(input, model, found, startedMs)) add(record);
  }
  const note = noteOf(input, started !== null);
  if (note !== null) add({ kind: 'note', text: note });
  return plan;
}

function noteOf(input: SalvageInput, isReplaced: boolean): string | null {
  if (isReplaced) return 'The journal was damaged; this recording was put together from its files.';
  return input.isDamaged ? 'A part of the journal was damaged; what it said was read from the files.' : null;
}

function startOf(input: SalvageInput): Extract<JournalRecord, { kind: 'started' }> {
  const { row } = input;
  const startedAt = new Date(startWallMs(input)).toISOString();
  return {
    kind: 'started',
    version: JOURNAL_VERSION,
    recordingId: input.recordingId,
    callId: row?.callId ?? UNKNOWN_CALL,
    title: row?.title ?? `Recording of ${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`,
    recordedBy: '',
    format: row?.format ?? formatOf(input),
    startedAt,
  };
}

function formatOf({ files, hasMixMp4 }: SalvageInput): FileFormat {
  if (hasMixMp4) return 'mp4';
  return files.length > 0 && files.every((file) => file.container === 'webm') ? 'webm' : 'mkv';
}

function startWallMs({ row, behind, files, folderWallMs }: SalvageInput): number {
  if (row !== null) return Date.parse(row.startedAt);
  // A file whose place on the recording's clock is known tells when that clock began.
  for (const record of behind) {
    if (record.kind !== 'segmentFile') continue;
    const dateMs = files.find((file) => file.file === record.file)?.facts?.dateMs ?? null;
    if (dateMs !== null) return Math.round(dateMs - record.offsetMs);
  }
  const dates = files.flatMap(({ facts }) => (facts === null || facts.dateMs === null ? [] : [facts.dateMs]));
  if (dates.length > 0) return Math.floor(Math.min(...dates));
  return Math.min(folderWallMs, ...files.flatMap((file) => file.modifiedWallMs ?? []));
}

/** The earliest first, so that tracks come in the order in which they were opened. */
function inOrder(files: readonly FoundSegment[]): FoundSegment[] {
  const startOfStem = new Map<string, number>();
  for (const { stem, facts } of files) {
    const dateMs = facts?.dateMs ?? Infinity;
    startOfStem.set(stem, Math.min(dateMs, startOfStem.get(stem) ?? Infinity));
  }
  return files.toSorted((a, b) => {
    const [first, second] = [startOfStem.get(a.stem) ?? Infinity, startOfStem.get(b.stem) ?? Infinity];
    if (first !== second) return first < second ? -1 : 1;
    return a.stem === b.stem ? a.index - b.index : a.stem < b.stem ? -1 : 1;
  });
}

function isNamed(model: RecordingModel, file: string): boolean {
  return model.tracks.some((track) => track.segments.some((segment) => segment.file?.path === file));
}

/** Whether a record behind the damage says something that is true of the files and not known yet. */
function isNews(model: RecordingModel, record: JournalRecord, there: ReadonlySet<string>): boolean {
  if (record.kind === 'trackOpened') {
    return !model.tracks.some((track) => track.id === record.trackId || track.stem === record.stem);
  }
  if (record.kind === 'segmentOpened') {
    const isKnownTrack = model.tracks.some((track) => track.id === record.trackId);
    return isKnownTrack && segmentOf(model, record.trackId, record.segment) === null;
  }
  if (record.kind === 'segmentFile') {
    return segmentOf(model, record.trackId, record.segment)?.file === null && there.has(record.file);
  }
  if (record.kind === 'segmentClosed') {
    return segmentOf(model, record.trackId, record.segment)?.state === 'open';
  }
  if (record.kind === 'durable') return segmentOf(model, record.trackId, record.segment) !== null;
  return record.kind !== 'stopping' || model.elapsedMs === null;
}

function segmentOf(model: RecordingModel, trackId: TrackModel['id'], index: number) {
  const track = model.tracks.find((each) => each.id === trackId);
  return track?.segments.find((segment) => segment.index === index) ?? null;
}

/** What makes a file that the journal does not name a segment of its track, which is opened when it is not there. */
function adopt(input: SalvageInput, model: RecordingModel, found: FoundSegment, startedMs: number): JournalRecord[] {
  const known = model.tracks.find((track) => track.stem === found.stem);
  if (known === undefined && model.tracks.length >= MAX_TRACKS) return [];
  const opened = known === undefined ? openTrack(input, model, found) : null;
  const trackId = known?.id ?? opened?.trackId;
  if (trackId === undefined) return [];
  const index = freeIndex(known, found.index);
  if (index >= MAX_SEGMENTS_PER_TRACK) return [];
  const { facts } = found;
  const offsetMs = offsetOf(facts, startedMs);
  const isOpened = known?.segments.some((segment) => segment.index === index) ?? false;
  const ofSegment = { trackId, segment: index };
  return [
    ...(opened === null ? [] : [opened]),
    ...(isOpened
      ? []
      : [{ kind: 'segmentOpened' as const, ...ofSegment, lanes: lanesOf(found, facts), atMs: offsetMs }]),
    {
      kind: 'segmentFile',
      ...ofSegment,
      file: found.file,
      container: found.container,
      audioCodec: facts?.audioCodec ?? null,
      videoCodec: facts?.videoCodec ?? null,
      offsetMs,
    },
  ];
}

/** The index of its name, when the journal has that segment without a file or not at all; else the next free one. */
function freeIndex(track: TrackModel | undefined, wanted: number): number {
  const same = track?.segments.find((segment) => segment.index === wanted);
  const takesIt = same === undefined || (same.file === null && (same.state === 'open' || same.state === 'closed'));
  return takesIt ? wanted : 1 + Math.max(...(track?.segments.map((segment) => segment.index) ?? []));
}

function openTrack(
  { row, nextId }: SalvageInput,
  model: RecordingModel,
  { stem, facts }: FoundSegment,
): Extract<JournalRecord, { kind: 'trackOpened' }> {
  const remembered = row?.tracks.find(
    (track) =>
      !model.tracks.some((each) => each.id === track.id) &&
      track.segments.some((segment) => stemOf(segment.file) === stem),
  );
  const source = remembered?.source ?? sourceOf(stem);
  return {
    kind: 'trackOpened',
    trackId: remembered?.id ?? trackIdSchema.parse(nextId()),
    participantId: remembered?.participantId ?? null,
    participantName: remembered?.participantName ?? nameOf(stem, source, facts),
    source,
    stem,
  };
}

function stemOf(file: string): string | null {
  return parseSegmentName(file.slice(file.lastIndexOf('/') + 1))?.stem ?? null;
}

function sourceOf(stem: string): TrackSource {
  if (stem.endsWith('-screen')) return 'screen';
  return /^mix(-\d+)?$/.test(stem) ? 'mix' : 'camera';
}

function nameOf(stem: string, source: TrackSource, facts: SegmentFacts | null): string {
  if (source === 'mix') return '';
  return facts?.participantName ?? stem.replace(/-(camera|screen)$/, '').replaceAll('-', ' ');
}

function lanesOf({ stem }: FoundSegment, facts: SegmentFacts | null): Lane[] {
  if (sourceOf(stem) === 'mix') return ['av'];
  return [
    ...(facts === null || facts.audioCodec === null ? [] : ['audio' as const]),
    ...(facts === null || facts.videoCodec === null ? [] : ['video' as const]),
  ];
}

function offsetOf(facts: SegmentFacts | null, startedMs: number): number {
  if (facts === null || facts.dateMs === null) return 0;
  const offsetMs = facts.dateMs - startedMs;
  return Math.abs(offsetMs) > MAX_OFFSET_MS ? 0 : offsetMs;
}
