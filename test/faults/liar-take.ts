import type { Recording } from '../../contract/recording.ts';
import { loadLane } from '../support/lanes.ts';
import { ADA, openTrack, play, start } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

/** Begins an MP4 recording of Ada and a mix and plays all of their media into it. */
export async function beginTake(harness: Harness): Promise<Recording> {
  const recording = await start(harness, 'mp4');
  const mix = await openTrack(harness, recording.id, {
    participantId: null,
    participantName: '',
    source: 'mix',
    lanes: ['av'],
    atMs: 20,
  });
  const ada = await openTrack(harness, recording.id, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio', 'video'],
    atMs: 40,
  });
  await play(harness, recording.id, [
    { ...mix, lane: 'av', chunks: loadLane('mix-h264.mkv').chunks, atMs: 290 },
    { ...ada, lane: 'audio', chunks: loadLane('audio-opus.webm').chunks, atMs: 300 },
    { ...ada, lane: 'video', chunks: loadLane('video-h264.mkv').chunks, atMs: 310 },
  ]);
  return recording;
}
