import { AppError } from '../contract/errors.ts';
import type { Bridge } from '../contract/bridge.ts';
import type { RequestInput, RequestName, RequestOutput } from '../contract/requests.ts';

declare global {
  interface Window {
    readonly tallylight: Bridge;
  }
}

/** The app as the renderer sees it: requests that throw typed errors, events that end by their own undo. */
export type AppClient = {
  /** Sends a request; throws AppError with the code that main answered. */
  request<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>>;
  on: Bridge['on'];
};

/** Wraps the bridge so that a failed request is a thrown AppError. */
export function createAppClient(bridge: Bridge): AppClient {
  return {
    async request(name, input) {
      const result = await bridge.request(name, input);
      if (result.ok) return result.value;
      const { code, message, retryable, details } = result.error;
      throw new AppError(code, message, { retryable, ...(details === undefined ? {} : { details }) });
    },
    on: (name, listener) => bridge.on(name, listener),
  };
}
