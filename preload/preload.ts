import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { Bridge } from '../contract/bridge.ts';
import type { EVENT_CHANNEL, EventName, EventPayload } from '../contract/events.ts';
import type { REQUEST_CHANNEL, RequestOutput } from '../contract/requests.ts';
import type { Result } from '../contract/errors.ts';

// The names are written out so that the schemas (and zod) stay out of the preload; their types come from the contract,
// so a name that is missing or wrong here does not compile.
const requestChannel: typeof REQUEST_CHANNEL = 'tallylight:request';
const eventChannel: typeof EVENT_CHANNEL = 'tallylight:event';
const eventNames: Record<EventName, true> = {
  'call.changed': true,
  'recording.event': true,
  'call.quality': true,
  'control.changed': true,
  'settings.changed': true,
  'cloud.changed': true,
  'retention.changed': true,
  'app.inviteOpened': true,
  'app.closeRequested': true,
};

/** What the main process sends on the event channel. */
type EventMessage = { name: string; payload: EventPayload<EventName> };

const bridge: Bridge = {
  request: async (name, input) => {
    try {
      return (await ipcRenderer.invoke(requestChannel, name, input)) as Result<RequestOutput<typeof name>>;
    } catch {
      // Only what the channel itself cannot carry ends here (an input that cannot be cloned, a main process on its way out).
      return {
        ok: false,
        error: { code: 'INTERNAL', message: 'The app did not take this request.', retryable: false },
      };
    }
  },
  on: (name, listener) => {
    if (!Object.hasOwn(eventNames, name)) throw new TypeError(`There is no event named ${JSON.stringify(name)}.`);
    if (typeof listener !== 'function') throw new TypeError('The listener of an event is a function.');
    // The Electron event stays here: it would hand the page a way to the channel.
    const receive = (_event: IpcRendererEvent, message: EventMessage): void => {
      if (message.name === name) listener(message.payload as EventPayload<typeof name>);
    };
    ipcRenderer.on(eventChannel, receive);
    return () => {
      ipcRenderer.off(eventChannel, receive);
    };
  },
};

ipcRenderer.setMaxListeners(200);
contextBridge.exposeInMainWorld('tallylight', bridge);
