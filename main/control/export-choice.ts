import { AppError } from '../../contract/errors.ts';
import type { TrackId } from '../../contract/ids.ts';
import type { Deliverable, FileFormat, Recording, Track } from '../../contract/recording.ts';

/** What an export gives: a file that is there, or an MP4 of a track that is to be made. */
export type ExportChoice = { kind: 'ready'; deliverable: Deliverable } | { kind: 'make'; trackId: TrackId };

/** Decides which file is meant by a track (null: the mix, or the first track where there is none) and a format. */
export function chooseExport(
  recording: Pick<Recording, 'status' | 'tracks' | 'deliverables' | 'mediaLeftAt'>,
  wanted: { format: FileFormat; trackId: TrackId | null },
): ExportChoice {
  const { format } = wanted;
  if (recording.status !== 'completed' && recording.status !== 'failed') {
    throw new AppError('RECORDING_BUSY', 'It is still being saved.', { retryable: true });
  }
  if (recording.mediaLeftAt !== null) {
    throw new AppError('CONFLICT', 'Its files are not on this computer any more.');
  }
  const { id: trackId } = trackMeant(recording.tracks, wanted.trackId);
  const files = recording.deliverables.filter((each) => each.trackId === trackId);
  const [file, ...others] = files.filter((each) => each.format === format);
  // Several pieces, each of its own run of a recorder, could not be joined: one of them is not what was asked for.
  if (file !== undefined && others.length === 0) return { kind: 'ready', deliverable: file };
  if (format === 'mp4' && file === undefined) return { kind: 'make', trackId };
  const available = [...new Set(files.map((each) => each.format))].join(', ');
  const pieces = others.length === 0 ? '' : ` It lies in ${others.length + 1} pieces in that format.`;
  const thereIs = available === '' ? 'There is none in another one.' : `There is: ${available}.`;
  throw new AppError(
    'CONFLICT',
    `There is no finished file in that format.${pieces} ${thereIs} Only mp4 can be made.`,
    {
      details: { format, available },
    },
  );
}

function trackMeant(tracks: readonly Track[], trackId: TrackId | null): Track {
  if (trackId !== null) {
    const track = tracks.find(({ id }) => id === trackId);
    if (track === undefined) throw new AppError('TRACK_UNKNOWN', 'The recording has no such track.');
    return track;
  }
  const recorded = tracks.filter(({ segments }) => segments.length > 0);
  const track = recorded.find(({ source }) => source === 'mix') ?? recorded[0];
  if (track === undefined) throw new AppError('CONFLICT', 'Nothing was recorded in it.');
  return track;
}
