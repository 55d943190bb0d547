import type { CapturePlan, FileFormat } from '../../contract/recording.ts';

/** What the plan depends on of the settings. */
export type CaptureSettings = { videoBitsPerSecond: number; audioBitsPerSecond: number; recordMix: boolean };

const h264 = 'video/x-matroska;codecs=avc1';
const vp9 = 'video/webm;codecs=vp9';
const vp8 = 'video/webm;codecs=vp8';

// VP8 before VP9 for a camera in WebM: in software VP9 costs the most of the three (1.02 against 0.70 cores for one camera).
const pictureTypes: Record<FileFormat, readonly string[]> = {
  mp4: [h264, vp8, vp9],
  mkv: [h264, vp8, vp9],
  webm: [vp8, vp9],
};

/** Says what the host's window is to record with for a chosen format, best first. */
export function capturePlanFor(format: FileFormat, settings: CaptureSettings): CapturePlan {
  const pictures = pictureTypes[format];
  return {
    recordMix: settings.recordMix,
    // The mix the other way round: where the processor is busy VP8 drops frames first. On two cores, with a call of two
    // beside it, a VP8 mix came to 8 to 10 frames a second and a VP9 mix to 27 (five and three recordings).
    mixMimeTypes: (format === 'webm' ? [vp9, vp8] : pictures).map((type) => `${type},opus`),
    cameraMimeTypes: [...pictures],
    soundMimeTypes: ['audio/webm;codecs=opus'],
    mixWidth: 1280,
    mixHeight: 720,
    mixFramesPerSecond: 30,
    videoBitsPerSecond: settings.videoBitsPerSecond,
    audioBitsPerSecond: settings.audioBitsPerSecond,
    timesliceMs: 250,
  };
}

/** The container wanted for segments of a format: MP4 is never recorded directly (DESIGN rule 3). */
export function wantedContainer(format: FileFormat): 'webm' | 'mkv' {
  return format === 'webm' ? 'webm' : 'mkv';
}
