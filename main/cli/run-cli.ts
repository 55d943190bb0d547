import { resolve } from 'node:path';
import type { ControlData, ControlRouteName } from '../../contract/control-routes.ts';
import type { ControlCall } from '../../contract/control.ts';
import { assertNever } from '../../contract/errors.ts';
import { CliFailure, exitCodeOf, failureEnvelope, Interrupted } from './cli-failure.ts';
import type { AnswerOptions, Command } from './command.ts';
import type { ControlClient, ControlQuestion } from './control-client.ts';
import type { ControlFilePorts } from './control-file.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { exportFile } from './export-file.ts';
import { findApp } from './find-app.ts';
import { followEvents } from './follow-events.ts';
import {
  formatCleanup,
  formatJoined,
  formatList,
  formatMarker,
  formatRunning,
  formatStatus,
  hintOfList,
} from './format-answers.ts';
import { formatEvent } from './format-events.ts';
import { helpText } from './help.ts';
import { parseCommand } from './parse-command.ts';
import { startApp, type Launch } from './start-app.ts';
import { plain } from './words.ts';

/** How long an answer may take, milliseconds; joining waits for a server somewhere. */
const ANSWER_LIMIT_MS = 30_000;

/** The computer around the command line. */
export type CliPorts = ControlFilePorts & {
  version: string;
  cwd: string;
  /** Where the profile is unless --profile says otherwise. */
  profileFolder: string;
  /** How to open the app on a profile (null: the usual one), or why it cannot be opened from here. */
  launch: (profileFolder: string | null) => Launch | { impossible: string };
  /** Resolves when the text was handed over. */
  out: (text: string) => Promise<void>;
  err: (text: string) => void;
  /** Shows one line in place of the last one; null where nobody watches. */
  progress: ((text: string) => void) | null;
  signal: AbortSignal;
};

type Answer = {
  raw: unknown;
  lines: readonly string[];
  /** For a person beside the lines, on stderr. */
  hint?: string | null;
};

/** Runs a command line and answers with its exit code; never rejects for what a person or the app did. */
export async function runCli(args: readonly string[], ports: CliPorts): Promise<ExitCode> {
  const invocation = parseCommand(args);
  switch (invocation.kind) {
    case 'help':
      await ports.out(helpText(invocation.about));
      return EXIT.done;
    case 'version':
      await ports.out(`${ports.version}\n`);
      return EXIT.done;
    case 'misuse': {
      const { message, about, json } = invocation;
      const failure = new CliFailure('MISUSE', message);
      const where = `See: tallylight help${about === null ? '' : ` ${about}`}`;
      return await tellFailure(failure, { json, verbose: false }, ports, where);
    }
    case 'run':
      return await runCommand(invocation.command, invocation.options, ports);
    default:
      return assertNever(invocation);
  }
}

async function runCommand(command: Command, options: AnswerOptions, ports: CliPorts): Promise<ExitCode> {
  try {
    const answer = await perform(command, options, ports);
    await ports.out(
      options.json ? `${JSON.stringify(answer.raw)}\n` : answer.lines.map((line) => `${line}\n`).join(''),
    );
    if (!options.json && answer.hint) ports.err(`${answer.hint}\n`);
    return EXIT.done;
  } catch (error) {
    ports.progress?.('');
    if (error instanceof Interrupted) return EXIT.interrupted;
    if (error instanceof CliFailure) return await tellFailure(error, options, ports);
    throw error;
  }
}

async function tellFailure(
  failure: CliFailure,
  { json, verbose }: Pick<AnswerOptions, 'json' | 'verbose'>,
  ports: CliPorts,
  hint?: string,
): Promise<ExitCode> {
  if (json) {
    await ports.out(`${JSON.stringify(failureEnvelope(failure))}\n`);
  } else {
    const lines = [plain(failure.message), ...(hint === undefined ? [] : [hint]), ...(verbose ? [failure.code] : [])];
    ports.err(lines.map((line) => `${line}\n`).join(''));
  }
  return exitCodeOf(failure.code);
}

async function perform(command: Command, options: AnswerOptions, ports: CliPorts): Promise<Answer> {
  const { signal } = ports;
  const profile = options.profile === null ? null : resolve(ports.cwd, options.profile);
  const connect = (): Promise<ControlClient> => findApp(profile ?? ports.profileFolder, ports, signal);

  if (command.kind === 'start') {
    const client = await runningApp(connect, profile, ports);
    const { title, name } = command;
    const body = { title, ...(name === null ? {} : { name }) };
    const { data, raw } = await client.ask('createCall', { params: {}, body, limitMs: ANSWER_LIMIT_MS });
    return { raw, lines: [plain(data.inviteLink)] };
  }
  if (command.kind === 'events') return await events(connect, options, ports);
  const client = await connect();
  const ask = <N extends ControlRouteName>(
    route: N,
    question: Omit<ControlQuestion<N>, 'limitMs'>,
  ): Promise<{ data: ControlData<N>; raw: unknown }> => client.ask(route, { ...question, limitMs: ANSWER_LIMIT_MS });

  switch (command.kind) {
    case 'join': {
      const { link, name, consented } = command;
      const body = { link, consented, ...(name === null ? {} : { name }) };
      return answer(await ask('joinCall', { params: {}, body }), formatJoined);
    }
    case 'record': {
      const params = { callId: (await currentCall(client)).callId };
      const route = RECORD_ROUTES[command.action];
      return answer(await ask(route, { params, body: null }), formatRunning);
    }
    case 'mark': {
      const params = { callId: (await currentCall(client)).callId };
      return answer(await ask('addMarker', { params, body: { name: command.name } }), formatMarker);
    }
    case 'status':
      return answer(await ask('listCalls', { params: {}, body: null }), formatStatus);
    case 'list': {
      const found = await ask('listRecordings', { params: {}, query: command.query, body: null });
      return { ...answer(found, formatList), hint: hintOfList(found.data) };
    }
    case 'export':
      return await exportFile(client, command, ports);
    case 'end': {
      const params = { callId: (await currentCall(client)).callId };
      return answer(await ask('endCall', { params, body: null }), () => ['The call has ended.']);
    }
    case 'leave': {
      const params = { callId: (await currentCall(client)).callId };
      return answer(await ask('leaveCall', { params, body: null }), () => ['You have left the call.']);
    }
    case 'cleanup': {
      const body = { maxAgeMs: command.maxAgeMs };
      return answer(await ask('cleanUp', { params: {}, body }), formatCleanup);
    }
    default:
      return assertNever(command);
  }
}

const RECORD_ROUTES = {
  start: 'startRecording',
  stop: 'stopRecording',
  pause: 'pauseRecording',
  resume: 'resumeRecording',
} as const satisfies Record<string, ControlRouteName>;

function answer<T>({ data, raw }: { data: T; raw: unknown }, format: (data: T) => readonly string[]): Answer {
  return { raw, lines: format(data) };
}

/** The running app, or one that is started now. */
async function runningApp(
  connect: () => Promise<ControlClient>,
  profile: string | null,
  ports: CliPorts,
): Promise<ControlClient> {
  try {
    return await connect();
  } catch (error) {
    if (!(error instanceof CliFailure) || error.code !== 'APP_NOT_RUNNING') throw error;
  }
  const launch = ports.launch(profile);
  if ('impossible' in launch) throw new CliFailure('APP_NOT_RUNNING', launch.impossible);
  ports.progress?.('Starting Tallylight');
  const client = await startApp(launch, connect, ports.signal);
  ports.progress?.('');
  return client;
}

async function currentCall(client: ControlClient): Promise<ControlCall> {
  const { data } = await client.ask('listCalls', { params: {}, body: null, limitMs: ANSWER_LIMIT_MS });
  const [call] = data.calls;
  if (call === undefined) throw new CliFailure('NOT_IN_CALL', 'You are in no call.');
  return call;
}

async function events(
  connect: () => Promise<ControlClient>,
  { json, verbose }: AnswerOptions,
  { out, err, signal }: CliPorts,
): Promise<never> {
  return await followEvents({
    connect,
    signal,
    onOpen: () => {
      if (verbose) err('Listening.\n');
    },
    onGap: () => err('Some events are missing here.\n'),
    onEvent: (event, raw) => out(`${json ? JSON.stringify(raw) : formatEvent(event)}\n`),
  });
}
