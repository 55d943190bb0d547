import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlStatus } from '../../contract/control.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import type { ControlLimits } from '../../main/control/control-limits.ts';
import { createControl } from '../../main/control/control-service.ts';
import type { Control } from '../../main/control/control.ts';
import { createIssuedTokens } from '../../main/control/issued-token-book.ts';
import type { IssuedTokens } from '../../main/control/issued-tokens.ts';
import { controlClient, type ControlClient } from './control-client.ts';
import { controlWorld, type ControlWorld } from './control-world.ts';

/** The control API over a small world, in a profile of its own. */
export type ControlRig = {
  control: Control;
  world: ControlWorld;
  tokens: IssuedTokens;
  profileFolder: string;
  settings: { controlEnabled: boolean; controlPort: number };
  /** Lines of the log with their facts, as JSON. */
  logged: string[];
  faults: { name: string; error: unknown }[];
  /** What was said to whoever gave --control-port. */
  told: string[];
  /** Moves the clocks of tokens, of the lock-out and of kept answers. */
  passMs(ms: number): void;
  publish(event: RecordingEvent): void;
  port(): number;
  /** A client with the owner's token, or with another. */
  client(token?: string | null): ControlClient;
  close(): Promise<void>;
};

export type RigOptions = {
  limits?: Partial<ControlLimits>;
  portArgument?: number | null;
  enabled?: boolean;
  port?: number;
  profileFolder?: string;
  alive?: (pid: number) => boolean;
};

/** Starts it; `enabled: false` leaves it off. */
export async function startControlRig(options: RigOptions = {}): Promise<ControlRig> {
  const profileFolder = options.profileFolder ?? (await mkdtemp(join(tmpdir(), 'tallylight-control-')));
  const settings = { controlEnabled: options.enabled ?? true, controlPort: options.port ?? 0 };
  let passedMs = 0;
  const clock = { monotonicMs: () => performance.now() + passedMs, wallMs: () => Date.now() + passedMs };
  const tokens = createIssuedTokens({ clock, randomBytes });
  const world = controlWorld(tokens);
  const listeners = new Set<(event: RecordingEvent) => void>();
  const logged: string[] = [];
  const faults: ControlRig['faults'] = [];
  const told: string[] = [];
  const keep = (facts: unknown, words?: string): void => {
    logged.push(`${JSON.stringify(facts)} ${words ?? ''}`);
  };
  const control = createControl(
    {
      profileFolder,
      version: '1.2.3',
      portArgument: options.portArgument ?? null,
      checkOutputs: true,
      pid: process.pid,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    {
      settings: { get: () => ({ ...settings }) },
      handlers: world.handlers,
      issuedTokens: tokens,
      recordings: {
        subscribe: (listener) => {
          listeners.add(listener);
          return () => {
            listeners.delete(listener);
          };
        },
      },
      ownParticipantId: () => world.selfId,
      clock,
      randomBytes,
      isAlive: options.alive ?? (() => true),
      log: { info: keep, warn: keep },
      onFault: (fault) => faults.push(fault),
      tell: (message) => told.push(message),
    },
  );
  await control.apply();
  const clients: ControlClient[] = [];
  const port = (): number => {
    const status: ControlStatus = control.status();
    if (status.port === null) throw new Error(`The control API is ${status.state}.`);
    return status.port;
  };
  return {
    control,
    world,
    tokens,
    profileFolder,
    settings,
    logged,
    faults,
    told,
    passMs: (ms) => {
      passedMs += ms;
    },
    publish: (event) => {
      for (const listener of listeners) listener(event);
    },
    port,
    client: (token = control.ownerToken()) => {
      const client = controlClient({ port: port(), token });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.close();
      await control.close();
      await rm(profileFolder, { recursive: true, force: true });
    },
  };
}
