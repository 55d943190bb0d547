import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Call } from '../../contract/call.ts';
import type { Result } from '../../contract/errors.ts';
import type { EventName, EventPayload } from '../../contract/events.ts';
import type { Recording } from '../../contract/recording.ts';
import type { RequestInput, RequestName, RequestOutput } from '../../contract/requests.ts';
import { createApp, type App } from '../../main/app.ts';
import type { Vault } from '../../main/cloud/secrets.ts';
import type { Log } from '../../main/log/log-file.ts';
import { FakeVault } from './fake-vault.ts';
import { loadLane, type LaneName } from './lanes.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

type Told = { [N in EventName]: { name: N; payload: EventPayload<N> } }[EventName];

/** What of an app is not as for most tests. */
export type PersonOptions = {
  environment?: Record<string, string>;
  vault?: Vault;
  log?: Log;
  /** Turns the control API on, as --control-port does; 0 picks a free port. */
  controlPort?: number;
};

/** One app without a window, in a profile of its own, and everything that it told its window. */
export class Person {
  readonly told: Told[] = [];
  readonly shown: string[];
  /** What was put on the clipboard. */
  readonly copied: string[];
  readonly #app: App;
  #waiting: (() => void)[] = [];

  static async start(root: string, name: string, options: PersonOptions = {}): Promise<Person> {
    const person: { made: Person | null } = { made: null };
    const early: Told[] = [];
    const shown: string[] = [];
    const copied: string[] = [];
    const app = await createApp(
      {
        version: '0.0.0',
        platform: 'linux',
        profileFolder: join(root, name, 'profile'),
        defaultRecordingsFolder: join(root, name, 'recordings'),
        checkOutputs: true,
        environment: options.environment ?? {},
        controlPort: options.controlPort ?? null,
      },
      {
        log: options.log ?? silent,
        vault: options.vault ?? new FakeVault(),
        send: (event, payload) => {
          const told = { name: event, payload } as Told;
          if (person.made === null) early.push(told);
          else person.made.hear(told);
        },
        copyText: (text) => copied.push(text),
        chooseFolder: async () => null,
        showInFolder: (path) => shown.push(path),
        answerClose: () => undefined,
      },
    );
    person.made = new Person(app, early, shown, copied);
    await person.made.ask('settings.update', { signalingListenHost: '127.0.0.1', format: 'mkv' });
    return person.made;
  }

  private constructor(app: App, early: Told[], shown: string[], copied: string[]) {
    this.#app = app;
    this.told.push(...early);
    this.shown = shown;
    this.copied = copied;
  }

  hear(told: Told): void {
    this.told.push(told);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }

  async result<N extends RequestName>(name: N, input: RequestInput<N>): Promise<Result<RequestOutput<N>>> {
    return (await this.#app.router.handle(name, input, { trusted: true })) as Result<RequestOutput<N>>;
  }

  /** Puts anything at all through the door, as a page that lies would. */
  raw(name: unknown, input: unknown): Promise<Result<unknown>> {
    return this.#app.router.handle(name, input, { trusted: true });
  }

  async ask<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>> {
    const result = await this.result(name, input);
    if (!result.ok) throw new Error(`${name}: ${result.error.code} ${result.error.message}`);
    return result.value;
  }

  /** Waits until something told, then or later, makes `find` answer. */
  async until<T>(find: (told: readonly Told[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.told);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  openInvite(link: string): void {
    this.#app.openInvite(link);
  }

  activity() {
    return this.#app.activity();
  }

  findRecording(id: Recording['id']) {
    return this.#app.findRecording(id);
  }

  close(limitMs = 8_000): Promise<void> {
    return this.#app.close(limitMs);
  }
}

/** What one recorder of a source gave out. */
export type LaneFile = { lane: 'audio' | 'video' | 'av'; file: LaneName };

/** Records one source from files as a host's window would: lanes in turn, in order, each chunk acknowledged. */
export async function capture(
  host: Person,
  recordingId: Recording['id'],
  participantId: Call['selfId'] | null,
  files: LaneFile[],
): Promise<() => Promise<unknown>> {
  const source = participantId === null ? 'mix' : 'camera';
  const { trackId } = await host.ask('recording.openTrack', { recordingId, participantId, source });
  const { segment } = await host.ask('recording.openSegment', {
    recordingId,
    trackId,
    lanes: files.map(({ lane }) => lane),
    atMs: 5,
  });
  const all = files.map(({ lane, file }) => ({
    lane,
    chunks: loadLane(file).chunks.map((chunk) => new Uint8Array(chunk)),
  }));
  const longest = Math.max(...all.map(({ chunks }) => chunks.length));
  for (let seq = 0; seq < longest; seq += 1) {
    for (const { lane, chunks } of all) {
      const bytes = chunks[seq];
      if (bytes === undefined) continue;
      const chunk = { recordingId, trackId, segment, lane, seq, crc32: crc32(bytes), atMs: 5 + seq * 250, bytes };
      const ack = await host.ask('recording.append', chunk);
      if (ack.seq !== seq) throw new Error(`Chunk ${seq} was acknowledged as ${ack.seq}.`);
    }
  }
  return () => host.ask('recording.closeSegment', { recordingId, trackId, segment, reason: 'stopped' });
}

/** Waits until a person is told that a recording has a status. */
export const statusOf = (person: Person, wanted: Recording['status']) =>
  person.until((told) =>
    told
      .map((each) =>
        each.name === 'recording.event' && 'recording' in each.payload && each.payload.recording.status === wanted
          ? each.payload.recording
          : undefined,
      )
      .findLast((recording) => recording !== undefined),
  );

/** Waits until the call, as a person was told it last, fits. */
export const callState = (person: Person, fits: (call: Call | null) => boolean) =>
  person.until((told) => {
    const last = told.findLast((each) => each.name === 'call.changed');
    return last?.name === 'call.changed' && fits(last.payload.call) ? last.payload : undefined;
  });

/** Waits until the call, as a person was ever told it, fitted: what was true for a moment counts. */
export const callWas = (person: Person, fits: (call: Call | null) => boolean) =>
  person.until((told) => {
    const found = told.find((each) => each.name === 'call.changed' && fits(each.payload.call));
    return found?.name === 'call.changed' ? found.payload : undefined;
  });
