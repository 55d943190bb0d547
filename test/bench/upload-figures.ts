import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What one upload cost. */
export type UploadFigures = {
  /** From queueing to the last byte confirmed. */
  sentMs: number;
  /** From there to verified; 0 where nothing is compared. */
  comparedMs: number;
  /** Of the process when it began, warm. */
  rssBytes: number;
  rssRiseBytes: number;
  rssRiseComparingBytes: number;
  loopDelayP99Ms: number;
  loopDelayMaxMs: number;
  processorMs: number;
};

const SAMPLE_MS = 50;
const LOOP_RESOLUTION_MS = 5;

/** Watches this process until it is told that all is sent, and then until the end. */
export function watchUpload(): { sent: () => void; end: () => UploadFigures } {
  const sinceMs = performance.now();
  const usage = process.cpuUsage();
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  const rssBytes = process.memoryUsage.rss();
  let highestBytes = rssBytes;
  const timer = setInterval(() => {
    highestBytes = Math.max(highestBytes, process.memoryUsage.rss());
  }, SAMPLE_MS);
  let atSent: Pick<UploadFigures, 'sentMs' | 'rssRiseBytes' | 'loopDelayP99Ms' | 'loopDelayMaxMs' | 'processorMs'> = {
    sentMs: 0,
    rssRiseBytes: 0,
    loopDelayP99Ms: 0,
    loopDelayMaxMs: 0,
    processorMs: 0,
  };
  return {
    sent: () => {
      const { user, system } = process.cpuUsage(usage);
      atSent = {
        sentMs: performance.now() - sinceMs,
        rssRiseBytes: Math.max(highestBytes, process.memoryUsage.rss()) - rssBytes,
        // It measures how late its own timer is, its period included.
        loopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - LOOP_RESOLUTION_MS),
        loopDelayMaxMs: Math.max(0, delay.max / 1e6 - LOOP_RESOLUTION_MS),
        processorMs: (user + system) / 1_000,
      };
      highestBytes = rssBytes;
    },
    end: () => {
      clearInterval(timer);
      delay.disable();
      return {
        ...atSent,
        comparedMs: performance.now() - sinceMs - atSent.sentMs,
        rssBytes,
        rssRiseComparingBytes: Math.max(0, highestBytes - rssBytes),
      };
    },
  };
}
