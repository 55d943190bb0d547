import type {
  ControlBody,
  ControlData,
  ControlParams,
  ControlQuery,
  ControlRouteName,
} from '../../contract/control-routes.ts';
import type { Actor } from '../calls/actor.ts';

/** A request that passed the door: who asks, and every part of it parsed by the contract. */
export type ControlRequest<N extends ControlRouteName> = {
  actor: Actor;
  params: ControlParams<N>;
  query: ControlQuery<N>;
  body: ControlBody<N>;
};

/** What the door itself answers. */
type AnsweredByDoor = 'health' | 'openapi';

/** One handler per route of the contract: a missing one does not compile. Errors are thrown as AppErrors. */
export type ControlHandlers = {
  [N in Exclude<ControlRouteName, AnsweredByDoor>]: (
    request: ControlRequest<N>,
  ) => Promise<{ data: ControlData<N>; message: string }>;
};
