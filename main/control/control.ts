import type { ControlStatus } from '../../contract/control.ts';

/** The control API of this app, as settings and windows see it. */
export type Control = {
  status(): ControlStatus;
  subscribe(listener: (status: ControlStatus) => void): () => void;
  /** The owner's token now. */
  ownerToken(): string;
  /** Makes a new one; the one before is refused from now on. */
  renewToken(): Promise<ControlStatus>;
  /** Opens or closes the port as the settings say; called once the app is ready, and after every change of them. */
  apply(): Promise<void>;
  close(): Promise<void>;
};
