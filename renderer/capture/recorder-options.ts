import type { CapturePlan } from '../../contract/recording.ts';

export type IsTypeSupported = (mimeType: string) => boolean;

/** The first type that this browser can record, or null to leave the choice to it. */
export function firstSupported(mimeTypes: readonly string[], isTypeSupported: IsTypeSupported): string | null {
  return mimeTypes.find((mimeType) => isTypeSupported(mimeType)) ?? null;
}

/** How one recorder is to be made. */
export function recorderOptions(
  what: 'receivedPicture' | 'ownPicture' | 'sound' | 'mix',
  plan: CapturePlan,
  isTypeSupported: IsTypeSupported,
): MediaRecorderOptions {
  const { videoBitsPerSecond, audioBitsPerSecond } = plan;
  const typed = (mimeTypes: readonly string[]): MediaRecorderOptions => {
    const mimeType = firstSupported(mimeTypes, isTypeSupported);
    return mimeType === null ? {} : { mimeType };
  };
  switch (what) {
    case 'receivedPicture':
      // Nothing is asked for: only then does Chromium pass the received frames through as they are (FACTS.md).
      return {};
    case 'ownPicture':
      return { ...typed(plan.cameraMimeTypes), videoBitsPerSecond };
    case 'sound':
      return { ...typed(plan.soundMimeTypes), audioBitsPerSecond };
    case 'mix':
      return { ...typed(plan.mixMimeTypes), videoBitsPerSecond, audioBitsPerSecond };
    default:
      return what satisfies never;
  }
}
