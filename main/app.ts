import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError, toErrorShape } from '../contract/errors.ts';
import type { EventName, EventPayload } from '../contract/events.ts';
import type { Recording } from '../contract/recording.ts';
import { startSignalingServer } from '../signaling/server.ts';
import { createAppControl } from './app-control.ts';
import { createCopies } from './app-copies.ts';
import { lookThrough } from './app-recovery.ts';
import { createServices } from './app-services.ts';
import { createCallQuality } from './calls/call-quality.ts';
import { createCallRecorder } from './calls/call-recorder.ts';
import { systemCallsClock } from './calls/calls-ports.ts';
import { createCalls } from './calls/calls-service.ts';
import { openIdentity } from './calls/identity.ts';
import { createRoomSocketOpener } from './calls/room-socket.ts';
import { localNetworkAddresses } from './calls/server-address.ts';
import type { Control } from './control/control.ts';
import { createHandlers } from './ipc/handlers.ts';
import { createRouter, type Router } from './ipc/router.ts';
import type { Vault } from './cloud/secrets.ts';
import { createLibrary } from './library/library.ts';
import type { Log } from './log/log-file.ts';
import { createFfmpegInUse } from './media/ffmpeg-in-use.ts';
import { nodeMediaFiles } from './media/media-files.ts';
import { systemProcesses } from './media/system-processes.ts';
import { createFolderLocks } from './recording/folder-lock.ts';
import { createMediaJobs } from './recording/media-jobs.ts';
import { nodeClock, nodeIds, nodeScheduler } from './recording/node-clock.ts';
import { nodeFiles } from './recording/node-files.ts';
import { createRecordings } from './recording/recording-service.ts';
import { createScanInWorker } from './recording/scan-in-worker.ts';
import { readEnvironment, type EnvironmentVariables } from './settings/environment-overrides.ts';
import { openSettingsStore } from './settings/settings-store.ts';

/** Part of the time for closing that the recording gets; the rest is for the goodbye to the call. */
const SAVING_SHARE = 0.7;

/** Part of the time for closing in which uploads let go. */
const UPLOADS_SHARE = 0.1;

/** Told so often that a log of them says nothing. */
const QUIET_EVENTS: ReadonlySet<string> = new Set(['recordingHealth', 'recordingProgress', 'recordingUploading']);

/** What is fixed for a run of the app. */
export type AppConfig = {
  version: string;
  platform: string;
  /** Folder of everything that belongs to this installation and person. */
  profileFolder: string;
  defaultRecordingsFolder: string;
  /** Checks answers against the contract; for development and tests. */
  checkOutputs: boolean;
  /** The variables of the process; some of them override settings. */
  environment: EnvironmentVariables;
  /** The port of --control-port; null without it. */
  controlPort: number | null;
};

/** What the app needs of the desktop around it. */
export type AppPorts = {
  log: Log;
  vault: Vault;
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
  const { log } = ports;
  const environment = readEnvironment(config.environment);
  const settings = await openSettingsStore(join(config.profileFolder, 'settings.json'), environment.settings);
  if (settings.damagedFields.length > 0) {
    log.warn({ fields: settings.damagedFields }, 'Some settings were damaged and have their defaults.');
  }
  if (environment.overrides.length > 0) {
    log.info({ variables: environment.overrides.map(({ variable }) => variable) }, 'The environment decides settings.');
  }
  for (const problem of environment.problems) log.warn(problem, 'A variable of the environment is ignored.');
  const recordingsFolder = (): string => settings.get().recordingsFolder || config.defaultRecordingsFolder;

  const ffmpeg = createFfmpegInUse({
    chosenPath: () => settings.get().ffmpegPath,
    log: (message, facts) => log.info(facts, message),
  });
  // Looked for ahead, so that nobody waits for it: the page asks, and the first recording needs it.
  void ffmpeg.describe();

  const calls = createCalls({
    settings: () => settings.get(),
    startServer: ({ host, port }) => startSignalingServer({ host, port, log }),
    connect: createRoomSocketOpener({ clock: systemCallsClock, log }),
    networkAddresses: localNetworkAddresses,
    identityFor: await openIdentity(join(config.profileFolder, 'identity.json'), log),
    clock: systemCallsClock,
    random: Math.random,
    log,
  });

  const recordings = createRecordings(
    {
      files: nodeFiles,
      clock: nodeClock,
      ids: nodeIds,
      scheduler: nodeScheduler,
      jobs: createMediaJobs({ ffmpeg: () => ffmpeg.ffmpeg(), files: nodeMediaFiles }),
      library: createLibrary({
        files: nodeFiles,
        ids: nodeIds,
        scheduler: nodeScheduler,
        path: join(config.profileFolder, 'library.json'),
        onWriteFailed: (error) => log.warn({ err: error }, 'The library could not be written.'),
      }),
      locks: createFolderLocks({
        files: nodeFiles,
        ids: nodeIds,
        clock: nodeClock,
        scheduler: nodeScheduler,
        hostName: hostname(),
        identityOf: systemProcesses.identityOf,
      }),
      finishByScan: createScanInWorker({
        onFallback: (error) => log.warn({ err: error }, 'A file is scanned in the main thread.'),
      }),
    },
    {
      recordingsFolder,
      captureSettings: () => {
        const { videoBitsPerSecond, audioBitsPerSecond, recordMix } = settings.get();
        return { videoBitsPerSecond, audioBitsPerSecond, recordMix };
      },
      diskReserveBytes: () => settings.get().diskReserveBytes,
      format: () => settings.get().format,
      view: (recording) => retention.view(cloud.view(recording)),
      onQualityTrouble: (trouble) =>
        log.warn(trouble, 'How the connections were cannot be written beside the recording.'),
      writingApp: `Tallylight ${config.version}`,
    },
  );

  const callRecorder = createCallRecorder({
    calls,
    recordings,
    format: () => settings.get().format,
    onFault: (error, doing) => log.warn({ err: error }, `Failed: ${doing}.`),
  });

  const quality = createCallQuality({
    calls,
    clock: nodeClock,
    scheduler: nodeScheduler,
    note: recordings.noteQuality,
  });

  recordings.subscribe((event) => {
    logRecordingEvent(log, event);
    ports.send('recording.event', event);
  });
  calls.subscribe((change) => ports.send('call.changed', change));
  quality.subscribe((people) => ports.send('call.quality', { people }));
  settings.subscribe((changed) => ports.send('settings.changed', changed));

  const { cloud, retention } = await createCopies(
    { profileFolder: config.profileFolder, environmentCredentials: environment.credentials },
    { recordings, calls, settings, vault: ports.vault, log },
  );
  cloud.subscribe((status) => ports.send('cloud.changed', status));
  retention.subscribe((status) => ports.send('retention.changed', status));

  const lookedThrough = lookThrough(recordings, log);
  const beginWithAll = async (): Promise<void> => {
    await lookedThrough.ready();
    cloud.begin();
    retention.begin();
  };
  void beginWithAll();

  let pendingInvite: string | null = null;
  const services = createServices({
    settings,
    calls,
    callRecorder,
    recordings,
    lookedThrough,
    cloud,
    retention,
    showInFolder: (path) => ports.showInFolder(path),
    quality,
    control: {
      status: () => control.status(),
      ownerToken: () => control.ownerToken(),
      renewToken: () => control.renewToken(),
    },
    desktop: {
      environment: async () => ({
        version: config.version,
        platform: config.platform,
        defaultRecordingsFolder: config.defaultRecordingsFolder,
        ffmpeg: await ffmpeg.describe(),
        pendingInvite,
        overrides: environment.overrides,
        overrideProblems: environment.problems,
      }),
      close: (choice) => ports.answerClose(choice),
      inviteTaken: () => {
        pendingInvite = null;
      },
      copyText: (text) => ports.copyText(text),
      chooseFolder: () => ports.chooseFolder(recordingsFolder()),
    },
  });

  const control: Control = createAppControl(
    {
      profileFolder: config.profileFolder,
      version: config.version,
      portArgument: config.controlPort,
      checkOutputs: config.checkOutputs,
    },
    services,
    { calls, recordings, log },
  );
  control.subscribe((status) => ports.send('control.changed', status));
  settings.subscribe(() => void control.apply());
  void control.apply();

  return {
    router: createRouter(createHandlers(services), {
      checkOutputs: config.checkOutputs,
      onFault: ({ name, error }) => log.error({ request: name, err: error }, 'A request failed.'),
    }),
    activity: () => ({ recording: recordings.callRecording() !== null, inCall: calls.current() !== null }),
    async findRecording(recordingId) {
      await lookedThrough.ready();
      try {
        return recordings.get({ recordingId });
      } catch (error) {
        if (error instanceof AppError && error.code === 'RECORDING_NOT_FOUND') return null;
        throw error;
      }
    },
    openInvite(link) {
      pendingInvite = link;
      ports.send('app.inviteOpened', { link });
    },
    async close(limitMs) {
      // The recording first: while the call stands, the window still hands over the last chunks of everybody.
      await withinLimit(limitMs, log, async () => {
        const controlClosed = control.close();
        // Uploads are at rest while something is recorded, so this takes no time from saving it.
        await cloud.close(limitMs * UPLOADS_SHARE);
        const retentionClosed = retention.close();
        await recordings.close({ limitMs: limitMs * SAVING_SHARE });
        callRecorder.close();
        quality.close();
        await calls.close();
        await retentionClosed;
        await controlClosed;
      });
    },
  };
}

function logRecordingEvent(log: Log, event: EventPayload<'recording.event'>): void {
  if (QUIET_EVENTS.has(event.type)) return;
  const recordingId = 'recording' in event ? event.recording.id : event.recordingId;
  const error = event.type === 'recordingFailed' ? event.recording.error : null;
  log.info({ type: event.type, recordingId, ...(error === null ? {} : { error }) }, 'A recording changed.');
}

async function withinLimit(limitMs: number, log: Log, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  const done = work().catch((error: unknown) => {
    log.error({ error: toErrorShape(error), err: error }, 'Closing failed.');
  });
  const outcome = await Promise.race([done, late]);
  clearTimeout(timer);
  if (outcome === 'late') log.warn({ limitMs }, 'Closing took too long; the next start saves the rest.');
}
