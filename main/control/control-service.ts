import { join } from 'node:path';
import { CONTROL_FILE, type ControlFile, type ControlStatus } from '../../contract/control.ts';
import { AppError, toErrorShape } from '../../contract/errors.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import type { Settings } from '../../contract/settings.ts';
import type { Log } from '../log/log-file.ts';
import { removeControlFile, removeStaleControlFile, writeControlFile } from './control-file.ts';
import type { ControlHandlers } from './control-handler.ts';
import { CONTROL_LIMITS, type ControlLimits } from './control-limits.ts';
import {
  nextStep,
  reduceControl,
  statusOf,
  wantedPort,
  type ControlEvent,
  type ControlState,
} from './control-state.ts';
import type { Control } from './control.ts';
import type { Door } from './door.ts';
import type { IssuedTokens } from './issued-tokens.ts';
import { hashOf, makeToken } from './secret-hash.ts';

export type ControlConfig = {
  profileFolder: string;
  version: string;
  /** From --control-port: turns the API on for this run, whatever the settings say; 0 picks a free port. Null without it. */
  portArgument: number | null;
  /** Checks answers against the contract; for development and tests. */
  checkOutputs: boolean;
  pid: number;
  limits?: Partial<ControlLimits>;
};

export type ControlPorts = {
  settings: { get(): Pick<Settings, 'controlEnabled' | 'controlPort'> };
  handlers: ControlHandlers;
  issuedTokens: Pick<IssuedTokens, 'find'>;
  recordings: { subscribe(listener: (event: RecordingEvent) => void): () => void };
  /** The id of this app in its call; null when it is in none. */
  ownParticipantId(): string | null;
  clock: { monotonicMs(): number };
  randomBytes: (sizeBytes: number) => Uint8Array;
  /** Whether a process of this computer lives. */
  isAlive(pid: number): boolean;
  log: Pick<Log, 'info' | 'warn'>;
  onFault(fault: { name: string; error: unknown }): void;
  /** Says it to whoever started this run with --control-port, and looks at no settings. */
  tell(message: string): void;
};

/** What belongs to one opening of the door. */
type Opened = { door: Door; file: ControlFile; unsubscribe: () => void };

/** Makes the control API, which is off until `apply` finds it wanted. */
export function createControl(config: ControlConfig, ports: ControlPorts): Control {
  const { log } = ports;
  const path = join(config.profileFolder, CONTROL_FILE);
  const limits: ControlLimits = { ...CONTROL_LIMITS, ...config.limits };
  const byArgument = config.portArgument !== null;
  const listeners = new Set<(status: ControlStatus) => void>();

  let state: ControlState = { kind: 'off' };
  let opened: Opened | null = null;
  let token = '';
  let tokenHash = hashOf('');
  let closing = false;
  let lookedForStale = false;
  /** One thing at a time: openings, closings and new tokens. */
  let lastWork: Promise<unknown> = Promise.resolve();

  const status = (): ControlStatus => statusOf(state, { file: path, byArgument });

  const become = (event: ControlEvent): void => {
    const next = reduceControl(state, event);
    if (next === state) return;
    state = next;
    const told = status();
    for (const listener of listeners) listener(told);
  };

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = lastWork.then(work);
    lastWork = result.catch(() => undefined);
    return result;
  };

  const takeNewToken = (): void => {
    token = makeToken(ports.randomBytes);
    tokenHash = hashOf(token);
  };

  const open = async (port: number): Promise<void> => {
    become({ kind: 'begun', wantedPort: port });
    // A framework that nobody needs as long as the API is off.
    const { openDoor } = await import('./door.ts');
    takeNewToken();
    const door = await openDoor(
      {
        port,
        version: config.version,
        run: Buffer.from(ports.randomBytes(6)).toString('hex'),
        checkOutputs: config.checkOutputs,
        limits,
      },
      {
        ownerTokenHash: () => tokenHash,
        issuedTokens: ports.issuedTokens,
        ownParticipantId: () => ports.ownParticipantId(),
        monotonicMs: () => ports.clock.monotonicMs(),
        handlers: ports.handlers,
        onFault: (fault) => ports.onFault(fault),
      },
    ).catch((error: unknown) => {
      throw portError(error, port);
    });
    const file: ControlFile = { port: door.port, token, pid: config.pid };
    try {
      await writeControlFile(path, file);
    } catch (error) {
      await door.close();
      throw error;
    }
    opened = { door, file, unsubscribe: ports.recordings.subscribe((event) => door.publish(event)) };
    become({ kind: 'opened', port: door.port });
    log.info({ port: door.port, byArgument }, 'The control API is on.');
  };

  const shut = async (): Promise<void> => {
    if (opened !== null) {
      const { door, file, unsubscribe } = opened;
      opened = null;
      unsubscribe();
      token = '';
      // Nobody can have this one: a request that is still on its way is refused.
      tokenHash = hashOf(makeToken(ports.randomBytes));
      await removeControlFile(path, file);
      await door.close();
      log.info({}, 'The control API is off.');
    }
    become({ kind: 'closed' });
  };

  const settle = async (): Promise<void> => {
    if (!lookedForStale) {
      lookedForStale = true;
      await removeStaleControlFile(path, { ownPid: config.pid, isAlive: (pid) => ports.isAlive(pid) });
    }
    // Read when its turn comes: of several changes only the last one counts.
    const wanted = closing ? null : wantedPort(ports.settings.get(), config.portArgument);
    const step = nextStep(state, wanted);
    if (step === 'close' || step === 'reopen') await shut();
    if (step === 'close' || step === 'none' || wanted === null) return;
    await open(wanted);
  };

  const settleSafely = async (): Promise<void> => {
    try {
      await settle();
    } catch (error) {
      const refused = toErrorShape(error);
      become({ kind: 'refused', error: refused });
      if (byArgument) ports.tell(`The control API is not on. ${refused.message}`);
      log.warn({ err: error }, 'The control API could not be opened.');
    }
  };

  return {
    status,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    ownerToken: () => token,
    renewToken: () =>
      inTurn(async () => {
        if (opened === null) throw new AppError('CONFLICT', 'The control API is off.');
        takeNewToken();
        opened.door.endStreams();
        log.info({}, 'The control API has a new token.');
        const file = { ...opened.file, token };
        await writeControlFile(path, file);
        // Only now: what is written there is what is ours at the end.
        opened = { ...opened, file };
        return status();
      }),
    apply: () => inTurn(settleSafely),
    close() {
      closing = true;
      return inTurn(settleSafely);
    },
  };
}

/** A system's refusal of a port in words for a person. */
function portError(error: unknown, port: number): unknown {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const message =
    code === 'EADDRINUSE'
      ? `Port ${port} is in use by another program. Choose another one, or 0 for any free port.`
      : `The system does not give out port ${port}. Choose another one, or 0 for any free port.`;
  return new AppError('CONTROL_PORT_TAKEN', message, { retryable: true, details: { port }, cause: error });
}
