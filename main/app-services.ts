import { AppError } from '../contract/errors.ts';
import type { LookedThrough } from './app-recovery.ts';
import { createDesk } from './calls/call-desk.ts';
import type { CallRecorder } from './calls/call-recorder.ts';
import type { Calls } from './calls/calls-service.ts';
import type { Cloud } from './cloud/cloud.ts';
import { createStats } from './control/stats.ts';
import { nodeClock, nodeScheduler } from './recording/node-clock.ts';
import { insideFolder } from './recording/recording-folder.ts';
import type { Recordings } from './recording/recording-service.ts';
import type { Retention } from './retention/retention.ts';
import type { Services } from './services.ts';

export type ServiceParts = Pick<Services, 'settings' | 'quality' | 'control' | 'desktop'> & {
  calls: Calls;
  callRecorder: CallRecorder;
  recordings: Recordings;
  lookedThrough: LookedThrough;
  cloud: Cloud;
  retention: Retention;
  showInFolder: (path: string) => void;
};

/** Puts together what the doors may ask; whoever asks for recordings waits until they were looked through. */
export function createServices(parts: ServiceParts): Services {
  const { calls, callRecorder, cloud, retention } = parts;
  const { ready, shown } = parts.lookedThrough;
  return {
    settings: parts.settings,
    desk: createDesk({
      calls,
      recorder: {
        ...callRecorder,
        start: async (callId) => {
          await ready();
          return callRecorder.start(callId);
        },
      },
      recordings: {
        get: async (recordingId) => (await ready()).get({ recordingId }),
        list: async () => {
          const list = (await ready()).list();
          shown();
          return list;
        },
        delete: async (recordingId, { alsoInBucket }) => {
          const recordings = await ready();
          if (alsoInBucket) await cloud.removeFiles(recordingId);
          await recordings.delete({ recordingId });
        },
        rows: async () => {
          const rows = (await ready()).rows();
          shown();
          return rows;
        },
        running: () => {
          const running = parts.recordings.callRecording();
          return running === null ? null : parts.recordings.get({ recordingId: running.recordingId });
        },
      },
      cleanUp: async (input) => {
        await ready();
        return retention.cleanUp(input);
      },
    }),
    calls,
    quality: parts.quality,
    callRecorder,
    library: {
      rename: async (recordingId, title) => (await ready()).rename({ recordingId, title }),
      pin: async (recordingId, pinned) => (await ready()).pin({ recordingId, pinned }),
      exportTrack: async (recordingId, trackId) => (await ready()).exportTrack({ recordingId, trackId }),
      retry: async (recordingId) => (await ready()).retry({ recordingId }),
      space: async (people) => parts.recordings.space({ people }),
      health: (recordingId) => {
        const running = parts.recordings.callRecording();
        return running?.recordingId === recordingId ? running.health : null;
      },
      renameMarker: async (recordingId, markerId, name) =>
        (await ready()).renameMarker({ recordingId, markerId, name }),
      removeMarker: async (recordingId, markerId) => (await ready()).removeMarker({ recordingId, markerId }),
      showInFolder: async (recordingId, deliverableId) => {
        const { folder, deliverables, mediaLeftAt } = (await ready()).get({ recordingId });
        const deliverable = deliverables.find(({ id }) => id === deliverableId);
        const path = deliverable === undefined ? null : insideFolder(folder, deliverable.file);
        if (deliverableId !== null && (path === null || mediaLeftAt !== null))
          throw new AppError('NOT_FOUND', 'There is no such file.');
        parts.showInFolder(path ?? folder);
      },
    },
    cloud,
    retention: {
      ...retention,
      status: async () => {
        await ready();
        return retention.status();
      },
    },
    stats: createStats({
      recordings: ready,
      droppedFrames: parts.quality.droppedFrames,
      clock: nodeClock,
      scheduler: nodeScheduler,
    }),
    control: parts.control,
    desktop: parts.desktop,
  };
}
