import { callSchema } from '../../contract/call.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../contract/settings.ts';
import { systemCallsClock } from '../../main/calls/calls-ports.ts';
import {
  createCalls,
  type CallChange,
  type Calls,
  type CallsPorts,
  type EmbeddedServer,
} from '../../main/calls/calls-service.ts';
import { passingIdentity } from './passing-identity.ts';
import { createRoomSocketOpener } from '../../main/calls/room-socket.ts';
import { startSignalingServer } from '../../signaling/server.ts';

/** One app's calls service, with everything it said. */
export type CallsApp = Calls & {
  changes: CallChange[];
  servers: EmbeddedServer[];
  until(what: (change: CallChange) => boolean): Promise<CallChange>;
};

const log = { info: () => undefined, warn: () => undefined };

/** Makes one, with an identity of its own unless one is given; `cleanUp` gets what closes it. */
export function callsApp(
  cleanUp: (close: () => Promise<unknown>) => void,
  options: {
    settings?: Partial<Settings>;
    networkAddresses?: string[];
    identityFor?: CallsPorts['identityFor'];
    log?: CallsPorts['log'];
  } = {},
): CallsApp {
  const servers: EmbeddedServer[] = [];
  const changes: CallChange[] = [];
  const waiting = new Set<() => void>();
  const calls = createCalls({
    settings: () => ({ ...DEFAULT_SETTINGS, signalingListenHost: '127.0.0.1', ...options.settings }),
    startServer: async (config) => {
      const server = await startSignalingServer(config);
      servers.push(server);
      return server;
    },
    connect: createRoomSocketOpener({ clock: systemCallsClock, log: options.log ?? log }),
    identityFor: options.identityFor ?? passingIdentity(),
    networkAddresses: () => options.networkAddresses ?? [],
    clock: systemCallsClock,
    random: () => 0,
    log: options.log ?? log,
  });
  calls.subscribe((change) => {
    if (change.call !== null) callSchema.parse(change.call);
    changes.push(change);
    for (const look of waiting) look();
  });
  cleanUp(() => calls.close());
  return {
    ...calls,
    changes,
    servers,
    until: async (what) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`never happened; last: ${JSON.stringify(changes.at(-1))}`)),
          20_000,
        );
        const look = (): void => {
          // Only the present counts: what was true once may be over.
          const last = changes.at(-1) ?? { call: calls.current(), endReason: null };
          if (!what(last)) return;
          waiting.delete(look);
          clearTimeout(timer);
          resolve(last);
        };
        waiting.add(look);
        look();
      }),
  };
}
