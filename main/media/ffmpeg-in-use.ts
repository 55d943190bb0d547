import { AppError } from '../../contract/errors.ts';
import type { Environment } from '../../contract/requests.ts';
import { createFfmpeg, type Ffmpeg } from './ffmpeg.ts';
import { locateFfmpeg, type FfmpegBinary } from './ffmpeg-locate.ts';
import { systemMediaClock } from './media-clock.ts';
import { messageOf, type MediaErrorDetails } from './media-error.ts';

/** The FFmpeg of this app: looked for once per choice in the settings, and again after it failed. */
export type FfmpegInUse = {
  /** Rejects with FFMPEG_MISSING. */
  ffmpeg(): Promise<Ffmpeg>;
  /** What the settings page says of it; never rejects. */
  describe(): Promise<Environment['ffmpeg']>;
};

/** Makes the finder; `chosenPath` is the setting, empty when there is none. */
export function createFfmpegInUse(options: {
  chosenPath: () => string;
  log: (message: string, facts: MediaErrorDetails) => void;
}): FfmpegInUse {
  let search: { chosenPath: string; found: Promise<FfmpegBinary> } | null = null;
  let made: { path: string; ffmpeg: Ffmpeg } | null = null;

  const find = async (): Promise<FfmpegBinary> => {
    const chosenPath = options.chosenPath();
    if (search?.chosenPath !== chosenPath) {
      search = { chosenPath, found: locateFfmpeg({ settingPath: chosenPath === '' ? null : chosenPath }) };
    }
    const current = search;
    try {
      return await current.found;
    } catch (error) {
      // It may be installed the next time somebody asks.
      if (search === current) search = null;
      throw new AppError('FFMPEG_MISSING', messageOf(error).slice(0, 2000), { retryable: true, cause: error });
    }
  };

  // A program that failed may have been removed or replaced: looked for and asked again the next time.
  const forget = (): void => {
    search = null;
  };

  return {
    async ffmpeg() {
      const { path } = await find();
      if (made?.path !== path) {
        const config = { ffmpegPath: path, clock: systemMediaClock, log: options.log };
        made = { path, ffmpeg: createFfmpeg({ ...config, onFault: forget }) };
      }
      return made.ffmpeg;
    },
    async describe() {
      try {
        const { path, version, source } = await find();
        return { kind: 'found', path, version, source };
      } catch (error) {
        return { kind: 'missing', message: messageOf(error).slice(0, 2000) };
      }
    },
  };
}
