import type { ClusterNote } from './cluster.ts';
import { element, ID, uintElement } from './ebml.ts';
import { buildFinishedSector, buildTracksPatch, type HeadLayout, type Patch } from './segment-head.ts';

/**
 * What makes a file complete, to be done in this order: cut it to `truncateTo` (a file that needs no cut has that size already),
 * append, sync, then put the patches over and sync again. The last patch is what marks the file as finished; stopped anywhere before it, the same
 * plan comes out of the next scan.
 */
export interface FinishPlan {
  readonly truncateTo: number;
  readonly append: Uint8Array;
  readonly patches: readonly Patch[];
  readonly durationMs: number;
}

interface Cue {
  readonly track: number;
  readonly timeMs: number;
  readonly clusterOffset: number;
}

/** What has to be remembered of the clusters that went by; it grows with the number of jump targets only. */
export interface FinishNotes {
  readonly videoCues: Cue[];
  readonly audioCues: Cue[];
  readonly endMsByTrack: Map<number, number>;
}

/** The head of the file that is to be finished; `tracks` has each track's number and its TrackEntry as it is in the file. */
export interface UnfinishedFile {
  readonly layout: HeadLayout;
  readonly firstSector: Uint8Array;
  readonly tracks: readonly { readonly number: number; readonly entry: Uint8Array }[];
}

/** A file without pictures gets a jump target every second at most. */
const MIN_AUDIO_CUE_GAP_MS = 1000;

/** Creates empty notes. */
export function createFinishNotes(): FinishNotes {
  return { videoCues: [], audioCues: [], endMsByTrack: new Map() };
}

/** Adds a cluster to the notes; clusters come in the order of the file. */
export function addCluster(notes: FinishNotes, clusterOffset: number, note: ClusterNote): void {
  for (const { track, endMs } of note.ends) notes.endMsByTrack.set(track, endMs);
  if (note.cue === null) return;
  const cue = { track: note.cue.track, timeMs: note.cue.timeMs, clusterOffset };
  if (note.cue.kind === 'video') notes.videoCues.push(cue);
  else {
    const last = notes.audioCues.at(-1);
    if (last === undefined || cue.timeMs >= last.timeMs + MIN_AUDIO_CUE_GAP_MS) notes.audioCues.push(cue);
  }
}

/** Builds what finishes a file whose clusters end at `dataEnd`; the same notes give the same bytes, whoever took them. */
export function buildFinishPlan(file: UnfinishedFile, notes: FinishNotes, dataEnd: number): FinishPlan {
  const { layout, firstSector } = file;
  const durationMs = Math.max(0, ...notes.endMsByTrack.values());
  // Jumping is about pictures: sound gets an index of its own only where there are none.
  const cues = (notes.videoCues.length > 0 ? notes.videoCues : notes.audioCues).toSorted((a, b) => a.timeMs - b.timeMs);
  const points = cues.map((cue) =>
    element(
      ID.cuePoint,
      uintElement(ID.cueTime, cue.timeMs),
      element(
        ID.cueTrackPositions,
        uintElement(ID.cueTrack, cue.track),
        uintElement(ID.cueClusterPosition, cue.clusterOffset - layout.segmentDataStart),
      ),
    ),
  );
  const append = points.length === 0 ? new Uint8Array(0) : element(ID.cues, ...points);
  const sector = buildFinishedSector(layout, firstSector, {
    cuesAt: points.length === 0 ? null : dataEnd,
    fileBytes: dataEnd + append.length,
    durationMs,
  });
  return { truncateTo: dataEnd, append, patches: [...dropSilentTracks(file, notes), sector], durationMs };
}

// FFmpeg refuses a whole file for one track whose frames it cannot find: a camera that was announced and never gave a picture.
function dropSilentTracks({ layout, tracks }: UnfinishedFile, notes: FinishNotes): Patch[] {
  const heard = tracks.filter((track) => notes.endMsByTrack.has(track.number));
  if (heard.length === 0 || heard.length === tracks.length) return [];
  return [
    buildTracksPatch(
      layout,
      heard.map((track) => track.entry),
    ),
  ];
}
