import type { Handlers } from './router.ts';
import type { Services } from './services.ts';

/** Maps every request of the contract to the service that answers it; no decision is taken here. */
export function createHandlers(services: Services): Handlers {
  const { settings, calls, callRecorder, library, cloud, retention, desktop } = services;
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
    'call.create': (input) => calls.create(input),
    'call.inspect': ({ link }) => calls.inspect(link),
    'call.join': (input) => calls.join(input),
    'call.setMedia': (media) => {
      calls.setMedia(media);
      return {};
    },
    'call.leave': async () => {
      await calls.leave();
      return {};
    },
    'call.end': async () => {
      await calls.end();
      return {};
    },

    'recording.start': () => callRecorder.start(),
    'recording.stop': (input) => callRecorder.stop(input),
    'recording.pause': (input) => callRecorder.pause(input),
    'recording.resume': (input) => callRecorder.resume(input),
    'recording.addMarker': (input) => callRecorder.addMarker(input),
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
    'recording.get': ({ recordingId }) => library.get(recordingId),
    'recording.list': async () => ({ recordings: await library.list() }),
    'recording.rename': ({ recordingId, title }) => library.rename(recordingId, title),
    'recording.delete': async ({ recordingId, alsoInBucket }) => {
      await library.delete(recordingId, { alsoInBucket });
      return {};
    },
    'recording.pin': ({ recordingId, pinned }) => library.pin(recordingId, pinned),
    'recording.exportTrack': ({ recordingId, trackId }) => library.exportTrack(recordingId, trackId),
    'recording.retry': ({ recordingId }) => library.retry(recordingId),
    'recording.showInFolder': async ({ recordingId, deliverableId }) => {
      await library.showInFolder(recordingId, deliverableId);
      return {};
    },

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
