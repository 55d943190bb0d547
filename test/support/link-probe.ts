import type { Page } from '@playwright/test';

type ProbedWindow = { probedConnections: RTCPeerConnection[] };

/** Reloads a window whose lobby is shown, so that every connection it makes from then on can be looked into. */
export async function probeConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const probed: RTCPeerConnection[] = [];
    Object.assign(window, { probedConnections: probed });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        probed.push(this);
      }
    };
  });
  await page.reload();
  await page.locator('html[data-screen="lobby"]').waitFor();
}

/** The bit rates that the senders of all living connections may not pass. */
export function sendLimits(page: Page): Promise<{ video: (number | null)[]; audio: (number | null)[] }> {
  return page.evaluate(() => {
    const { probedConnections } = window as unknown as ProbedWindow;
    const senders = probedConnections
      .filter(({ connectionState }) => connectionState === 'connected')
      .flatMap((connection) => connection.getTransceivers())
      .map(({ sender, receiver }) => ({
        kind: receiver.track.kind,
        limit: sender.getParameters().encodings[0]?.maxBitrate ?? null,
      }));
    const of = (wanted: string) => senders.filter(({ kind }) => kind === wanted).map(({ limit }) => limit);
    return { video: of('video'), audio: of('audio') };
  });
}

/** Closes every connection of a window, as if the network had. */
export function cutConnections(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { probedConnections } = window as unknown as ProbedWindow;
    const living = probedConnections.filter(({ connectionState }) => connectionState === 'connected');
    for (const connection of living) connection.close();
    return living.length;
  });
}

/** Bits of sound a second that a window sends, over some seconds of its own statistics. */
export async function soundBitsPerSecond(page: Page, seconds: number): Promise<number> {
  return page.evaluate(async (wanted) => {
    const { probedConnections } = window as unknown as ProbedWindow;
    const look = async () => {
      const living = probedConnections.findLast(({ connectionState }) => connectionState === 'connected');
      const report = living === undefined ? [] : [...(await living.getStats()).values()];
      const sent = report.find(({ type, kind }) => type === 'outbound-rtp' && kind === 'audio');
      return { bytes: Number(sent?.bytesSent ?? 0), atMs: Number(sent?.timestamp ?? 0) };
    };
    const before = await look();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const now = await look();
      const elapsedMs = now.atMs - before.atMs;
      if (elapsedMs >= wanted * 1000) return ((now.bytes - before.bytes) * 8000) / elapsedMs;
    }
  }, seconds);
}
