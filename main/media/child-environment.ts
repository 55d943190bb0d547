import { childMark } from './processes.ts';

const NOT_FOR_CHILDREN = [
  // It would make FFmpeg write a log file of its own beside whatever it does.
  'FFREPORT',
  // No program that is started here opens a bucket.
  'RECORDING_STORAGE_CREDENTIALS',
  // Nor signs in at a TURN server.
  'ICE_SERVERS',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
];

/** The environment of every program that this app starts. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const rest = { ...process.env };
  for (const name of NOT_FOR_CHILDREN) delete rest[name];
  return { ...rest, AV_LOG_FORCE_NOCOLOR: '1', [childMark.name]: childMark.value };
}

/**
 * Whether a program gets a process group of its own, so that it can be ended with all that it started. Windows knows no groups
 * and would give it a console window.
 */
export const ownGroup: boolean = process.platform !== 'win32';
