import { childMark } from './processes.ts';

/** The environment of every program that this app starts. */
export function childEnvironment(): NodeJS.ProcessEnv {
  // FFREPORT would make FFmpeg write a log file of its own beside whatever it does.
  const { FFREPORT: _dropped, ...rest } = process.env;
  return { ...rest, AV_LOG_FORCE_NOCOLOR: '1', [childMark.name]: childMark.value };
}

/**
 * Whether a program gets a process group of its own, so that it can be ended with all that it started. Windows knows no groups
 * and would give it a console window.
 */
export const ownGroup: boolean = process.platform !== 'win32';
