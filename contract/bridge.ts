import type { EventName, EventPayload } from './events.ts';
import type { Result } from './errors.ts';
import type { RequestInput, RequestName, RequestOutput } from './requests.ts';

/** All that a page can reach of the app: the preload exposes exactly these two functions as `window.tallylight`. */
export type Bridge = {
  /** Sends one request to the main process; never rejects, an error is a value. */
  request<N extends RequestName>(name: N, input: RequestInput<N>): Promise<Result<RequestOutput<N>>>;
  /** Listens to one kind of event; the returned function ends the subscription. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
};
