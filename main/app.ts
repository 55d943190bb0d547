import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { EventName, EventPayload } from '../contract/events.ts';
import { startSignalingServer } from '../signaling/server.ts';
import { systemCallsClock } from './calls/calls-ports.ts';
import { createCalls } from './calls/calls-service.ts';
import { createRoomSocketOpener } from './calls/room-socket.ts';
import { localNetworkAddresses } from './calls/server-address.ts';
import { createFfmpegInUse } from './media/ffmpeg-in-use.ts';
import { createHandlers } from './ipc/handlers.ts';
import { createRouter, type Router } from './ipc/router.ts';
import type { Services } from './ipc/services.ts';
import type { Log } from './log/log-file.ts';
import { openSettingsStore } from './settings/settings-store.ts';
import type { Recording } from '../contract/recording.ts';

/** What is fixed for a run of the app. */
export type AppConfig = {
  version: string;
  platform: string;
  /** Folder of everything that belongs to this installation and person. */
  profileFolder: string;
  defaultRecordingsFolder: string;
  /** Checks answers against the contract; for development and tests. */
  checkOutputs: boolean;
};

/** What the app needs of the desktop around it. */
export type AppPorts = {
  log: Log;
  send<N extends EventName>(name: N, payload: EventPayload<N>): void;
  copyText(text: string): void;
  chooseFolder(start: string): Promise<string | null>;
  showInFolder(path: string): void;
  answerClose(choice: 'endAndClose' | 'stay'): void;
};

/** The app without its window. */
export type App = {
  readonly router: Router;
  activity(): { recording: boolean; inCall: boolean };
  /** Null when there is no such recording. */
  findRecording(id: Recording['id']): Promise<Recording | null>;
  /** Keeps a link until the lobby takes it, and tells the window. */
  openInvite(link: string): void;
  /** Stops what runs, saves it, and closes every service in order; never rejects, never takes longer than the limit. */
  close(limitMs: number): Promise<void>;
};

/** Builds every service and wires them; the only place that knows them all. */
export async function createApp(config: AppConfig, ports: AppPorts): Promise<App> {
  const settings = await openSettingsStore(join(config.profileFolder, 'settings.json'));
  if (settings.damagedFields.length > 0) {
    ports.log.warn({ fields: settings.damagedFields }, 'Some settings were damaged and have their defaults.');
  }
  let pendingInvite: string | null = null;
  const ffmpeg = createFfmpegInUse({
    chosenPath: () => settings.get().ffmpegPath,
    log: (message, facts) => ports.log.info(facts, message),
  });
  // Looked for ahead, so that nobody waits for it: the page asks, and the first recording needs it.
  void ffmpeg.describe();
  const calls = createCalls({
    settings: settings.get,
    startServer: ({ host, port }) => startSignalingServer({ host, port, log: ports.log }),
    connect: createRoomSocketOpener({ clock: systemCallsClock, log: ports.log }),
    networkAddresses: localNetworkAddresses,
    clock: systemCallsClock,
    random: Math.random,
    log: ports.log,
  });
  const absent = (): never => {
    throw new AppError('INTERNAL', 'Not wired yet.');
  };
  const services: Services = {
    settings,
    calls,
    callRecorder: {
      start: absent,
      stop: absent,
      attach: absent,
      openTrack: absent,
      openSegment: absent,
      append: absent,
      expect: absent,
      closeSegment: absent,
    },
    library: {
      get: absent,
      list: async () => [],
      rename: absent,
      delete: absent,
      exportTrack: absent,
      retry: absent,
      showInFolder: absent,
    },
    desktop: {
      environment: async () => ({
        version: config.version,
        platform: config.platform,
        defaultRecordingsFolder: config.defaultRecordingsFolder,
        ffmpeg: await ffmpeg.describe(),
        pendingInvite,
      }),
      close: (choice) => ports.answerClose(choice),
      inviteTaken: () => {
        pendingInvite = null;
      },
      copyText: (text) => ports.copyText(text),
      chooseFolder: () => ports.chooseFolder(settings.get().recordingsFolder || config.defaultRecordingsFolder),
    },
  };
  const router = createRouter(createHandlers(services), {
    checkOutputs: config.checkOutputs,
    onFault: ({ name, error }) => ports.log.error({ request: name, err: error }, 'A request failed.'),
  });
  calls.subscribe((change) => ports.send('call.changed', change));
  settings.subscribe((changed) => ports.send('settings.changed', changed));
  return {
    router,
    activity: () => ({ recording: false, inCall: calls.current() !== null }),
    findRecording: async () => null,
    openInvite(link) {
      pendingInvite = link;
      ports.send('app.inviteOpened', { link });
    },
    close: () => calls.close(),
  };
}
