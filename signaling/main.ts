import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { AppError } from '../contract/errors.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { startSignalingServer } from './server.ts';

const HELP = `Tallylight signaling server: brings the apps of a call together. No sound, picture or recording passes through it.

Usage: npm run signaling -- [--host ADDRESS] [--port NUMBER] [--sockets-per-address NUMBER]

  --host                 address to listen on        (env TALLYLIGHT_SIGNALING_HOST, default 0.0.0.0)
  --port                 port, 0 picks a free one    (env TALLYLIGHT_SIGNALING_PORT, default 9770)
  --sockets-per-address  two for each app; raise it where many people share one address
                                                     (env TALLYLIGHT_SIGNALING_SOCKETS, default ${DEFAULT_LIMITS.socketsPerAddress})
  --help                 this text

GET /health answers 200 while it runs. Put TLS in front of it (wss://) when it is reached over the internet.
`;

type Options = { kind: 'help' } | { kind: 'run'; host: string; port: number; socketsPerAddress: number };

function readOptions(argv: string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'sockets-per-address': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return { kind: 'help' };
  return {
    kind: 'run',
    host: values.host ?? env['TALLYLIGHT_SIGNALING_HOST'] ?? '0.0.0.0',
    port: readNumber('port', values.port ?? env['TALLYLIGHT_SIGNALING_PORT'] ?? '9770', 0, 65535),
    socketsPerAddress: readNumber(
      'sockets-per-address',
      values['sockets-per-address'] ?? env['TALLYLIGHT_SIGNALING_SOCKETS'] ?? String(DEFAULT_LIMITS.socketsPerAddress),
      2,
      100_000,
    ),
  };
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new AppError('INVALID_INPUT', `--${name} takes a number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.kind === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const log = pino({ name: 'signaling' }, pino.destination({ dest: 2, sync: true }));
  const server = await startSignalingServer({
    host: options.host,
    port: options.port,
    limits: { socketsPerAddress: options.socketsPerAddress },
    log,
  });
  const { host, port } = server.address;
  process.stdout.write(`Tallylight signaling server at ws://${host.includes(':') ? `[${host}]` : host}:${port}\n`);
  const stop = (): void => {
    // A second signal falls through to the default: the process ends at once.
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
    server.close().catch((error: unknown) => {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exitCode = 1;
    });
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
