import type { CloudStatus, ConnectionTest, Destination, NewCredentials } from '../../contract/cloud.ts';
import type { CloudTarget } from './cloud-target.ts';

/** Where uploads go and with which credentials, from settings, environment and secrets. */
export type CloudSetup = {
  /** As the settings say now; null when no bucket is chosen. */
  destination: () => Destination | null;
  /** Rejects with CLOUD_NOT_SET_UP, CLOUD_CREDENTIALS_INVALID or SECRETS_UNAVAILABLE. */
  openTarget: (destination: Destination) => Promise<CloudTarget>;
  facts: () => Promise<Pick<CloudStatus, 'ready' | 'credentials' | 'protection' | 'unprotectedAllowed'>>;
  setCredentials: (credentials: NewCredentials) => Promise<void>;
  forgetCredentials: () => Promise<void>;
  allowUnprotected: (allowed: boolean) => Promise<void>;
  test: () => Promise<ConnectionTest>;
  /** Called when another destination or other credentials are in use. */
  subscribe: (listener: () => void) => () => void;
};
