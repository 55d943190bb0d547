import { basename, dirname } from 'node:path';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import type { Ffmpeg } from '../../main/media/ffmpeg.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import type { MediaFiles } from '../../main/media/media-files.ts';
import { createMediaJobs } from '../../main/recording/media-jobs.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Files, MediaJobs, OpenFile } from '../../main/recording/ports.ts';
import { launcher } from './ffmpeg-fixtures.ts';
import { watchedFiles } from './watched-files.ts';

/** A point of this name counts all operations. */
export const ANY_OPERATION = 'any operation';

/** When a process dies: at the n-th operation of a name, before it, in the middle of a write, or right after it. */
export type KillPoint = { name: string; nth: number; moment: 'before' | 'half' | 'after' };

/**
 * The real disk and the real FFmpeg of a process that dies at a point: nothing of it goes on from there, what was written
 * stays as it is.
 */
export type KillSwitch = {
  files: Files;
  jobs: MediaJobs;
  /** Names of all operations so far, in order. */
  passed: () => readonly string[];
  /** Whether its point was reached; being buried is no kill. */
  isKilled: () => boolean;
  /** Resolves at the kill. */
  killed: Promise<void>;
  /** Whether something real is under way. */
  busy: () => boolean;
  /** Ends what a dead process leaves in this one: children and open files. */
  bury: () => Promise<void>;
};

/** Makes the disk and the tools of a process that dies at `point`; of one that lives when it is null. */
export function createKillSwitch(folder: string, point: KillPoint | null): KillSwitch {
  const { promise: killed, resolve: sayKilled } = Promise.withResolvers<void>();
  const never = new Promise<never>(() => undefined);
  const passed: string[] = [];
  const counts = new Map<string, number>();
  const open = new Set<OpenFile>();
  const children = new Set<{ pid: number | null; done: Promise<unknown> }>();
  let dead = false;
  let reached = false;
  let underWay = 0;

  const isDead = (): boolean => dead;
  const die = (): Promise<never> => {
    dead = true;
    reached = true;
    sayKilled();
    return never;
  };
  const enter = async (): Promise<void> => {
    if (isDead()) await never;
  };
  /** Counts an operation; the moment at which the process is to die in it, if it is. */
  const momentOf = (name: string): KillPoint['moment'] | null => {
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    passed.push(name);
    const count = point?.name === ANY_OPERATION ? passed.length : point?.name === name ? nth : 0;
    return point !== null && point.nth === count ? point.moment : null;
  };
  const perform = async <T>(name: string, run: () => Promise<T>, half: (() => Promise<T>) | null): Promise<T> => {
    await enter();
    const moment = momentOf(name);
    if (moment === 'before') return die();
    underWay += 1;
    let result: T;
    try {
      result = await (moment === 'half' && half !== null ? half() : run());
    } finally {
      underWay -= 1;
    }
    if (moment !== null) return die();
    await enter();
    return result;
  };
  const working = async <T>(run: () => Promise<T>): Promise<T> => {
    await enter();
    underWay += 1;
    try {
      return await run();
    } finally {
      underWay -= 1;
      await enter();
    }
  };

  const counted: Files = {
    ...nodeFiles,
    create: async (path) => track(await nodeFiles.create(path)),
    open: async (path) => track(await nodeFiles.open(path)),
  };
  const track = (file: OpenFile): OpenFile => {
    const kept: OpenFile = {
      ...file,
      close: () => {
        open.delete(kept);
        return file.close();
      },
    };
    open.add(kept);
    return kept;
  };
  const files = watchedFiles(
    counted,
    ({ kind, path }, run, half) => perform(`${kind} ${placeOf(folder, path)}`, run, half),
    enter,
  );

  const mediaFiles: MediaFiles = {
    ...nodeMediaFiles,
    makeDirectory: (path) =>
      perform(`makeFolder ${placeOf(folder, path)}`, () => nodeMediaFiles.makeDirectory(path), null),
    syncFile: (path) => perform(`sync ${placeOf(folder, path)}`, () => nodeMediaFiles.syncFile(path), null),
    renameDurably: (from, to) =>
      perform(`rename ${placeOf(folder, to)}`, () => nodeMediaFiles.renameDurably(from, to), null),
    remove: (path) => perform(`unlink ${placeOf(folder, path)}`, () => nodeMediaFiles.remove(path), null),
  };
  const wrapFfmpeg = (inner: Ffmpeg): Ffmpeg => {
    const start: Ffmpeg['start'] = (spec, options) => {
      const place = placeOf(folder, spec.args.at(-1) ?? '');
      const moment = isDead() ? 'before' : momentOf(`ffmpeg ${place}`);
      const child = inner.start(spec, options);
      children.add(child);
      if (moment !== null) void die();
      return {
        ...child,
        done: child.done.then((outcome) => perform(`ffmpeg ended ${place}`, async () => outcome, null)),
      };
    };
    return {
      start,
      run: async (spec, options) => {
        await enter();
        const outcome = await start(spec, options).done;
        if (!outcome.ok) throw outcome.error;
        return { elapsedMs: outcome.elapsedMs };
      },
    };
  };
  const real = createMediaJobs({
    ffmpeg: async () => wrapFfmpeg(launcher((await locateFfmpeg({ settingPath: null })).path)),
    files: mediaFiles,
  });
  const jobs: MediaJobs = {
    ...real,
    probe: (path) => working(() => real.probe(path)),
    exportMp4: (...args) => working(() => real.exportMp4(...args)),
    join: (...args) => working(() => real.join(...args)),
    thumbnails: (...args) => working(() => real.thumbnails(...args)),
    startLiveMix: (options) => {
      const live = real.startLiveMix(options);
      return {
        write: (bytes) => {
          if (!isDead()) live.write(bytes);
        },
        finish: (expected) => working(() => live.finish(expected)),
        abort: () => working(() => live.abort()),
      };
    },
  };

  return {
    files,
    jobs,
    passed: () => passed,
    isKilled: () => reached,
    killed,
    busy: () => underWay > 0,
    bury: async () => {
      dead = true;
      for (const { pid } of children) {
        try {
          if (pid !== null) process.kill(pid, 'SIGKILL');
        } catch {
          // It was gone already.
        }
      }
      await Promise.all([...children].map((child) => child.done));
      // A file is let go of only when nothing is being written to it any more.
      for (const file of open) {
        await file.sync().catch(() => undefined);
        await file.close().catch(() => undefined);
      }
    },
  };
}

/** A path as what it is, so that the same place has the same name in every run. */
function placeOf(folder: string, path: string): string {
  const plain = path.replace(/^file:/, '');
  const rest = plain.startsWith(folder) ? plain.slice(folder.length + 1) : plain;
  const [root = '', recording = '', room = ''] = rest.split('/');
  const name = basename(rest);
  const isNew = name.endsWith('.partial') ? 'new ' : '';
  if (root === 'profile') {
    return rest === root ? 'profile folder' : `${isNew}${name.endsWith('.previous') ? 'previous ' : ''}library`;
  }
  if (recording === '') return 'recordings folder';
  if (recording === '.bin') return room === '' ? 'bin' : 'in the bin';
  if (room === '') return 'recording folder';
  if (rest.endsWith(`/${room}`) && dirname(rest).split('/').length === 2) {
    return room === 'journal.jsonl' ? 'journal' : room.startsWith('journal') ? 'other journal' : `${room} folder`;
  }
  const things = { segments: 'segment', deliverables: 'result', thumbnails: 'thumbnail' } as const;
  return `${isNew}${room in things ? things[room as keyof typeof things] : room}`;
}
