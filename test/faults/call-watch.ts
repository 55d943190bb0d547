import type { Page } from 'playwright';

/** What a window saw of its call over a stretch of time. */
export type SeenOfCall = {
  /** The longest time between two pictures of the other person, and how many there were. */
  largestGapMs: number;
  frames: number;
  /** The people and their connections, each time that they were others than before. */
  changes: string[];
};

type Watched = SeenOfCall & { lastMs: number; last: string };

declare global {
  interface Window {
    tallylightWatched?: Watched;
  }
}

const LOOK_EVERY_MS = 50;

/** Watches the picture of the other person and the people of the call in a window, from now on. */
export async function watchCall(page: Page): Promise<void> {
  await page.evaluate((everyMs) => {
    const watched: Watched = { largestGapMs: 0, frames: 0, changes: [], lastMs: performance.now(), last: '' };
    window.tallylightWatched = watched;
    const follow = (video: HTMLVideoElement): void => {
      video.requestVideoFrameCallback((nowMs) => {
        watched.largestGapMs = Math.max(watched.largestGapMs, nowMs - watched.lastMs);
        watched.lastMs = nowMs;
        watched.frames += 1;
        follow(video);
      });
    };
    // The own picture is mirrored.
    for (const video of document.querySelectorAll<HTMLVideoElement>('.tile video:not(.mirrored)')) follow(video);
    setInterval(() => {
      const now = [...document.querySelectorAll('.tile, .top-connection')]
        .map((element) => element.getAttribute('data-connection'))
        .join(', ');
      if (watched.last !== '' && now !== watched.last) watched.changes.push(`${watched.last} became ${now}`);
      watched.last = now;
    }, everyMs);
  }, LOOK_EVERY_MS);
}

/** What was seen since the last time that this was asked. */
export async function takeSeen(page: Page): Promise<SeenOfCall> {
  return page.evaluate(() => {
    const watched = window.tallylightWatched;
    if (watched === undefined) throw new Error('Nothing is watched in this window.');
    const { frames, changes } = watched;
    const largestGapMs = Math.max(watched.largestGapMs, performance.now() - watched.lastMs);
    watched.largestGapMs = 0;
    watched.frames = 0;
    watched.changes = [];
    return { largestGapMs, frames, changes };
  });
}
