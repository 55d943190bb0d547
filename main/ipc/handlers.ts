import { OWNER } from '../calls/actor.ts';
import type { Handlers } from './router.ts';
import type { Services } from '../services.ts';

/** Maps every request of the contract to the service that answers it; no decision is taken here. */
export function createHandlers(services: Services): Handlers {
  const { settings, desk, calls, quality, callRecorder, library, cloud, retention, control, desktop } = services;
  return {
    'app.environment': () => desktop.environment(),
    'app.close': ({ choice }) => {
      desktop.close(choice);
      return {};
    },
    'app.inviteTaken': () => {
      desktop.inviteTaken();
      return {};
    },
    'app.copyText': ({ text }) => {
      desktop.copyText(text);
      return {};
    },

    'settings.get': () => settings.get(),
    'settings.update': (patch) => settings.update(patch),
    'settings.chooseFolder': async () => ({ folder: await desktop.chooseFolder() }),

    'call.current': () => ({ call: calls.current() }),
    'call.create': (input) => desk.create(OWNER, { ...input, maxParticipants: settings.get().maxParticipantsPerRoom }),
    'call.inspect': ({ link }) => desk.inspect(OWNER, link),
    'call.join': (input) => desk.join(OWNER, input),
    'call.setMedia': (media) => {
      calls.setMedia(media);
      return {};
    },
    'call.leave': async () => {
      await desk.leave(OWNER, null);
      return {};
    },
    'call.end': async () => {
      await desk.end(OWNER, null);
      return {};
    },
    'call.remove': async ({ participantId }) => {
      await desk.remove(OWNER, participantId);
      return {};
    },
    'call.reportQuality': (report) => {
      quality.report(report);
      return {};
    },

    'recording.start': () => desk.startRecording(OWNER, null),
    'recording.stop': ({ recordingId }) => desk.stopRecording(OWNER, recordingId),
    'recording.pause': ({ recordingId }) => desk.pauseRecording(OWNER, recordingId),
    'recording.resume': ({ recordingId }) => desk.resumeRecording(OWNER, recordingId),
    'recording.addMarker': ({ recordingId }) => desk.addMarker(OWNER, recordingId, ''),
    'recording.renameMarker': ({ recordingId, markerId, name }) => library.renameMarker(recordingId, markerId, name),
    'recording.removeMarker': ({ recordingId, markerId }) => library.removeMarker(recordingId, markerId),
    'recording.space': ({ people }) => library.space(people),
    'recording.attach': (input) => callRecorder.attach(input),
    'recording.openTrack': (input) => callRecorder.openTrack(input),
    'recording.openSegment': (input) => callRecorder.openSegment(input),
    'recording.append': (chunk) => callRecorder.append(chunk),
    'recording.expect': (input) => {
      callRecorder.expect(input);
      return {};
    },
    'recording.closeSegment': async (input) => {
      await callRecorder.closeSegment(input);
      return {};
    },
    'recording.get': ({ recordingId }) => desk.recording(OWNER, recordingId, null),
    'recording.list': async () => ({ recordings: await desk.recordings(OWNER) }),
    'recording.rename': ({ recordingId, title }) => library.rename(recordingId, title),
    'recording.delete': async ({ recordingId, alsoInBucket }) => {
      await desk.deleteRecording(OWNER, recordingId, { callId: null, alsoInBucket });
      return {};
    },
    'recording.pin': ({ recordingId, pinned }) => library.pin(recordingId, pinned),
    'recording.exportTrack': ({ recordingId, trackId }) => library.exportTrack(recordingId, trackId),
    'recording.retry': ({ recordingId }) => library.retry(recordingId),
    'recording.showInFolder': async ({ recordingId, deliverableId }) => {
      await library.showInFolder(recordingId, deliverableId);
      return {};
    },

    'control.status': () => control.status(),
    'control.copyToken': () => {
      desktop.copyText(control.ownerToken());
      return {};
    },
    'control.renewToken': () => control.renewToken(),

    'cloud.status': () => cloud.status(),
    'cloud.setCredentials': (credentials) => cloud.setCredentials(credentials),
    'cloud.forgetCredentials': () => cloud.forgetCredentials(),
    'cloud.allowUnprotected': ({ allowed }) => cloud.allowUnprotected(allowed),
    'cloud.test': () => cloud.test(),
    'cloud.upload': ({ recordingId }) => cloud.upload(recordingId),
    'cloud.pause': ({ recordingId }) => cloud.pause(recordingId),
    'cloud.resume': ({ recordingId }) => cloud.resume(recordingId),
    'cloud.cancel': ({ recordingId }) => cloud.cancel(recordingId),
    'cloud.copyLink': async ({ recordingId, file, validSeconds }) => {
      const { url, expiresAt } = await cloud.link(recordingId, file, validSeconds);
      // The window never sees it: whoever has it has the file.
      desktop.copyText(url);
      return { expiresAt };
    },
    'cloud.removeFiles': ({ recordingId }) => cloud.removeFiles(recordingId),

    'retention.status': () => retention.status(),
    'retention.noticeSeen': async () => {
      await retention.noticeSeen();
      return {};
    },
    'retention.answer': ({ choice }) => retention.answer(choice),
    'bin.restore': ({ entry }) => retention.restore(entry),
    'bin.empty': ({ entry }) => retention.empty(entry),
  };
}
