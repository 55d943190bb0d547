import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Destination, RecordingCloud } from '../../contract/cloud.ts';
import type { TakeReport } from '../support/live-take.ts';

/** What an uploader's process says, a line each. */
export type UploaderLine =
  | { event: 'cloud'; cloud: RecordingCloud }
  | { event: 'recording' }
  | { event: 'recorded'; report: TakeReport }
  | { event: 'retained'; moved: number };

/** An app that uploads, in a process of its own. */
export type Uploader = {
  /** What it said last of its recording. */
  cloud: () => RecordingCloud | null;
  /** Resolves when a line fits, one that came before this call too; rejects when the process ends or the time is over. */
  until: <T>(limitMs: number, what: string, find: (line: UploaderLine) => T | null) => Promise<T>;
  /** Begins to record beside uploading. */
  record: () => Promise<void>;
  stopRecording: () => Promise<TakeReport>;
  /** Lets the clean-up of verified recordings look; answers with how many it took from here. */
  retain: () => Promise<number>;
  /** SIGKILL; resolves when it is gone. */
  kill: () => Promise<void>;
  isAlive: () => boolean;
  /** Quits in order. */
  close: () => Promise<void>;
};

/** Starts an uploader on a folder that holds a finished recording; it goes on with what an earlier one began. */
export function startUploader(folder: string, destination: Destination, media: string | null = null): Uploader {
  const script = fileURLToPath(new URL('../support/cloud-uploader.ts', import.meta.url));
  const args = [script, folder, JSON.stringify(destination), ...(media === null ? [] : [media])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const said: UploaderLine[] = [];
  const waiting = new Set<() => void>();
  let complaint = '';
  let gone = false;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2_000);
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parseLine(text);
    if (line === null) return;
    said.push(line);
    wake();
  });
  child.on('close', () => {
    gone = true;
    wake();
  });
  const until: Uploader['until'] = async (limitMs, what, find) => {
    const { promise, resolve, reject } = Promise.withResolvers<NonNullable<ReturnType<typeof find>>>();
    let at = 0;
    const look = (): void => {
      for (; at < said.length; at += 1) {
        const line = said[at];
        const found = line === undefined ? null : find(line);
        if (found !== null && found !== undefined) return resolve(found);
      }
      if (gone) reject(new Error(`${what}: the uploader ended (${complaint.trim()})`));
    };
    const timer = setTimeout(() => {
      const last = said.findLast((line) => line.event === 'cloud');
      reject(new Error(`${what}: not within ${limitMs} ms; last was ${JSON.stringify(last ?? said.at(-1))}`));
    }, limitMs);
    waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(look);
    }
  };
  const command = (name: string): void => void child.stdin.write(`${name}\n`);
  return {
    cloud: () => said.findLast((line) => line.event === 'cloud')?.cloud ?? null,
    until,
    record: async () => {
      command('record');
      await until(20_000, 'recording', (line) => (line.event === 'recording' ? true : null));
    },
    stopRecording: async () => {
      command('stop');
      return await until(30_000, 'stopping', (line) => (line.event === 'recorded' ? line.report : null));
    },
    retain: async () => {
      command('retain');
      const { moved } = await until(20_000, 'cleaning up', (line) => (line.event === 'retained' ? line : null));
      return moved;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    close: async () => {
      command('close');
      await exited;
    },
  };
}

/** A line that the kill cut in two is none. */
function parseLine(text: string): UploaderLine | null {
  try {
    return JSON.parse(text) as UploaderLine;
  } catch {
    return null;
  }
}
