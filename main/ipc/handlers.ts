import type { Handlers } from './router.ts';
import type { Services } from './services.ts';

/** Maps every request of the contract to the service that answers it; no decision is taken here. */
export function createHandlers(services: Services): Handlers {
  const { settings, calls, callRecorder, library, desktop } = services;
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
    'recording.delete': async ({ recordingId }) => {
      await library.delete(recordingId);
      return {};
    },
    'recording.exportTrack': ({ recordingId, trackId }) => library.exportTrack(recordingId, trackId),
    'recording.retry': ({ recordingId }) => library.retry(recordingId),
    'recording.showInFolder': async ({ recordingId, deliverableId }) => {
      await library.showInFolder(recordingId, deliverableId);
      return {};
    },
  };
}
