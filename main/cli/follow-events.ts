import { setTimeout as wait } from 'node:timers/promises';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { recordingEventSchema, type RecordingEvent } from '../../contract/recording.ts';
import { CliFailure, Interrupted } from './cli-failure.ts';
import type { ControlClient } from './control-client.ts';
import { createEventReader } from './event-stream.ts';

/** How long an app that cannot be reached is asked again, and how often, milliseconds. */
const GIVE_UP_AFTER_MS = 30_000;
const AGAIN_AFTER_MS = 500;

/** Event of the stream that is none of a recording (main/control/event-streams.ts). */
const GAP = 'gap';

export type FollowPorts = {
  /** Finds the app anew: it may have another port by now. Throws APP_NOT_RUNNING when it is gone. */
  connect: () => Promise<ControlClient>;
  onEvent: (event: RecordingEvent, raw: unknown) => Promise<void>;
  /** From here on nothing that happens is missed. */
  onOpen: () => void;
  /** Events are missing here: more happened than the app keeps, or it was started anew. */
  onGap: () => void;
  signal: AbortSignal;
};

/** Follows the events of the app, over breaks of the connection, until it is closed or the signal comes. */
export async function followEvents({ connect, onEvent, onOpen, onGap, signal }: FollowPorts): Promise<never> {
  let lastEventId: string | null = null;
  let brokenSinceMs: number | null = null;
  for (;;) {
    try {
      const client = await connect();
      const stream = await client.openEvents(lastEventId);
      brokenSinceMs = null;
      onOpen();
      const reader = createEventReader();
      stream.setEncoding('utf8');
      for await (const text of stream) {
        const events = reader.read(String(text));
        for (const { type, data } of events) {
          if (type === GAP) onGap();
          const raw = parseJson(data);
          const event = parseUntrusted(recordingEventSchema, raw);
          // A kind of event that a later version has is not ours to print.
          if (event.success) await onEvent(event.data, raw);
        }
        lastEventId = reader.lastEventId() ?? lastEventId;
      }
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      // Refused, or gone: that does not heal. What breaks in the middle of the stream comes as another error.
      if (error instanceof CliFailure && error.code !== 'APP_UNREACHABLE') throw error;
      const nowMs = performance.now();
      brokenSinceMs ??= nowMs;
      if (nowMs - brokenSinceMs > GIVE_UP_AFTER_MS) throw error;
    }
    await wait(AGAIN_AFTER_MS, undefined, { signal }).catch(() => {
      throw new Interrupted();
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
