import { randomBytes } from 'node:crypto';
import type { Calls } from './calls/calls-service.ts';
import { createControl } from './control/control-service.ts';
import type { Control } from './control/control.ts';
import { createControlHandlers, type ControlHandlerServices } from './control/handlers.ts';
import { createIssuedTokens } from './control/issued-token-book.ts';
import type { Log } from './log/log-file.ts';
import { isAlive } from './control/is-alive.ts';
import { nodeClock } from './recording/node-clock.ts';
import type { Recordings } from './recording/recording-service.ts';

export type ControlConfig = {
  profileFolder: string;
  version: string;
  /** From --control-port; null without it. */
  portArgument: number | null;
  checkOutputs: boolean;
};

/** Builds the control API over the services that the window uses too; it is off until `apply`. */
export function createAppControl(
  config: ControlConfig,
  services: ControlHandlerServices,
  { calls, recordings, log }: { calls: Pick<Calls, 'current'>; recordings: Pick<Recordings, 'subscribe'>; log: Log },
): Control {
  const tokens = createIssuedTokens({ clock: nodeClock, randomBytes });
  return createControl(
    { ...config, pid: process.pid },
    {
      settings: services.settings,
      handlers: createControlHandlers(services, { tokens }),
      issuedTokens: tokens,
      recordings,
      ownParticipantId: () => calls.current()?.selfId ?? null,
      clock: nodeClock,
      randomBytes,
      isAlive,
      log,
      tell: (message) => void process.stderr.write(`${message}\n`),
      onFault: ({ name, error }) => log.error({ request: name, err: error }, 'A request to the control API failed.'),
    },
  );
}
