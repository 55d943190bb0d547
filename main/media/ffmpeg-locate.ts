import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';
import { askProgram } from './ask-program.ts';
import { MediaError, messageOf } from './media-error.ts';

/** Where a candidate comes from; the UI names it. */
export type FfmpegSource = 'setting' | 'ffmpeg-static' | '@ffmpeg-installer/ffmpeg' | 'PATH';

export type FfmpegBinary = {
  readonly path: string;
  readonly version: string;
  readonly source: FfmpegSource;
  /** Candidates that came first and were refused (a path in the settings that no longer works, for example). */
  readonly refused: readonly RefusedFfmpeg[];
};

/** A candidate that cannot be used, with the reason in words. */
export type RefusedFfmpeg = { readonly source: FfmpegSource; readonly path: string | null; readonly reason: string };

/** FFMPEG_MISSING with everything that was tried. */
export class FfmpegMissingError extends MediaError {
  readonly refused: readonly RefusedFfmpeg[];

  constructor(refused: readonly RefusedFfmpeg[]) {
    const tried = refused.map(({ source, path, reason }) => `${source}${path === null ? '' : ` (${path})`}: ${reason}`);
    super('FFMPEG_MISSING', `No usable FFmpeg was found. ${tried.join('; ')}`.slice(0, 2000), {
      // One may be installed or chosen by then.
      retryable: true,
      details: { tried: tried.join('\n').slice(0, 4000) },
    });
    this.refused = refused;
  }
}

type Candidate = { readonly source: FfmpegSource; readonly path: string | null; readonly reason: string };

export type LocateInput = {
  /** The path chosen in the settings; null when none was. */
  readonly settingPath: string | null;
  /** What the optional packages answer: a path, or null with the reason. */
  readonly staticPath: PackageAnswer;
  readonly installerPath: PackageAnswer;
  /** The PATH variable. */
  readonly searchPath: string;
  readonly platform: NodeJS.Platform;
};

export type PackageAnswer = { readonly path: string } | { readonly path: null; readonly reason: string };

/** The candidates in the order in which they are tried; an entry without a path is one that is refused already. */
export function ffmpegCandidates(input: LocateInput): readonly Candidate[] {
  const candidates: Candidate[] = [];
  if (input.settingPath !== null && input.settingPath !== '') {
    candidates.push(
      isAbsolute(input.settingPath)
        ? { source: 'setting', path: input.settingPath, reason: '' }
        : { source: 'setting', path: null, reason: 'the path in the settings is not absolute' },
    );
  }
  candidates.push(fromPackage('ffmpeg-static', input.staticPath));
  candidates.push(fromPackage('@ffmpeg-installer/ffmpeg', input.installerPath));
  const name = input.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  // A relative entry would run whatever lies in the current folder.
  const folders = input.searchPath.split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of new Set(folders)) candidates.push({ source: 'PATH', path: join(folder, name), reason: '' });
  return candidates;
}

function fromPackage(source: FfmpegSource, answer: PackageAnswer): Candidate {
  return answer.path === null
    ? { source, path: null, reason: answer.reason }
    : { source, path: unpackedPath(answer.path), reason: '' };
}

/** A program inside an Electron archive cannot be run; its twin beside the archive can (electron-builder asarUnpack). */
export function unpackedPath(path: string): string {
  return path.replace(/([\\/])app\.asar([\\/])/, '$1app.asar.unpacked$2');
}

/** What must be in the answers of `-encoders` and `-formats`; returns what is missing, in words. */
export function missingAbilities(encoders: string, formats: string): readonly string[] {
  const encoderNames = new Set<string>();
  for (const line of encoders.split(/\r?\n/)) {
    const match = /^ [VAS][A-Z.]{5} (\S+)/.exec(line);
    if (match?.[1] !== undefined) encoderNames.add(match[1]);
  }
  const readable = new Set<string>();
  const writable = new Set<string>();
  for (const line of formats.split(/\r?\n/)) {
    // " DE name", and from FFmpeg 7 on " DEd name" with a third column for devices.
    const match = /^ ([D ])([E ])[d ]? +(\S+)/.exec(line);
    if (match === null) continue;
    for (const name of (match[3] ?? '').split(',')) {
      if (match[1] === 'D') readable.add(name);
      if (match[2] === 'E') writable.add(name);
    }
  }
  return [
    ...['aac', 'mjpeg'].filter((name) => !encoderNames.has(name)).map((name) => `the ${name} encoder`),
    ...['matroska', 'concat'].filter((name) => !readable.has(name)).map((name) => `the ${name} reader`),
    ...['mp4', 'matroska', 'webm', 'mjpeg'].filter((name) => !writable.has(name)).map((name) => `the ${name} writer`),
  ];
}

/** The version in the first line of `ffmpeg -version`; null when this is not FFmpeg. */
export function parseFfmpegVersion(output: string): string | null {
  return /^ffmpeg version (\S{1,100})/.exec(output)?.[1] ?? null;
}

/** Finds the first FFmpeg that exists, may be run and can do what is needed; rejects with every refusal otherwise. */
export async function locateFfmpeg(options: {
  readonly settingPath: string | null;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<FfmpegBinary> {
  const env = options.env ?? process.env;
  const candidates = ffmpegCandidates({
    settingPath: options.settingPath,
    staticPath: askPackage('ffmpeg-static'),
    installerPath: askPackage('@ffmpeg-installer/ffmpeg'),
    searchPath: env['PATH'] ?? env['Path'] ?? '',
    platform: process.platform,
  });
  return verifyCandidates(candidates);
}

/** Tries candidates in turn by running them. */
export async function verifyCandidates(
  candidates: readonly Candidate[],
  answerWithinMs = 10_000,
): Promise<FfmpegBinary> {
  const refused: RefusedFfmpeg[] = [];
  const emptyFolders: string[] = [];
  for (const { source, path, reason } of candidates) {
    if (path === null) {
      refused.push({ source, path, reason });
      continue;
    }
    const checked = await verifyFfmpeg(path, answerWithinMs);
    if (checked.ok) return { path, version: checked.version, source, refused };
    // Most folders of PATH hold no FFmpeg: one line for all of them.
    if (source === 'PATH' && checked.reason === noSuchFile) emptyFolders.push(path);
    else refused.push({ source, path, reason: checked.reason });
  }
  if (emptyFolders.length > 0) {
    refused.push({ source: 'PATH', path: null, reason: `none of its ${emptyFolders.length} folders holds one` });
  }
  throw new FfmpegMissingError(refused);
}

const noSuchFile = 'there is no such file';

async function verifyFfmpeg(
  path: string,
  answerWithinMs: number,
): Promise<{ ok: true; version: string } | { ok: false; reason: string }> {
  try {
    await access(path, constants.F_OK);
  } catch {
    return { ok: false, reason: noSuchFile };
  }
  try {
    await access(path, constants.X_OK);
  } catch {
    return { ok: false, reason: 'it may not be executed' };
  }
  try {
    const version = parseFfmpegVersion(await ask(path, '-version', answerWithinMs));
    if (version === null) return { ok: false, reason: 'it is not FFmpeg' };
    const [encoders, formats] = await Promise.all([
      ask(path, '-encoders', answerWithinMs),
      ask(path, '-formats', answerWithinMs),
    ]);
    const missing = missingAbilities(encoders, formats);
    return missing.length === 0 ? { ok: true, version } : { ok: false, reason: `it lacks ${missing.join(', ')}` };
  } catch (error) {
    return { ok: false, reason: `it does not run: ${messageOf(error).split('\n')[0]?.slice(0, 200) ?? ''}` };
  }
}

function ask(path: string, question: string, answerWithinMs: number): Promise<string> {
  return askProgram(path, ['-hide_banner', question], answerWithinMs);
}

// createRequire and not import: an optional package that is absent is normal and must not fail the bundle.
function askPackage(name: 'ffmpeg-static' | '@ffmpeg-installer/ffmpeg'): PackageAnswer {
  try {
    const answer: unknown = createRequire(import.meta.url)(name);
    const path: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'path') : answer;
    if (typeof path === 'string' && isAbsolute(path)) return { path };
    return { path: null, reason: 'it has no program for this platform' };
  } catch (error) {
    // @ffmpeg-installer throws plain strings.
    const message = messageOf(error).split('\n')[0] ?? '';
    return { path: null, reason: message.startsWith('Cannot find module') ? 'it is not installed' : message };
  }
}
