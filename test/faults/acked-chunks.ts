import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REQUEST_CHANNEL } from '../../contract/requests.ts';
import type { Chunk, Recording } from '../../contract/recording.ts';
import type { Person } from '../../scripts/demo/person.ts';
import { blocksOf, parseAll } from '../support/lanes.ts';
import { packetTimesMs } from '../support/media-report.ts';

type Handler = (event: unknown, name: string, input: unknown) => Promise<{ ok: boolean }>;

/** Keeps a copy of every chunk that a running app acknowledges to its window, one file for each recorder. */
export async function keepAcknowledged({ app }: Pick<Person, 'app'>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await app.evaluate(
    ({ ipcMain }, { channel, folder }) => {
      const fs = process.getBuiltinModule('node:fs');
      // Not public, and the only way to stand between the app and its answer from outside.
      const handlers = Reflect.get(ipcMain, '_invokeHandlers') as Map<string, Handler>;
      const inner = handlers.get(channel);
      if (inner === undefined) throw new Error('The app takes no requests.');
      const next = new Map<string, number>();
      handlers.set(channel, async (event, name, input) => {
        const answer = await inner(event, name, input);
        if (name !== 'recording.append' || !answer.ok) return answer;
        const { trackId, segment, lane, seq, bytes } = input as Chunk;
        const file = `${folder}/${trackId}.${segment}.${lane}`;
        // A chunk that was sent twice is acknowledged twice.
        if ((next.get(file) ?? 0) !== seq) return answer;
        next.set(file, seq + 1);
        fs.appendFileSync(file, bytes);
        return answer;
      });
    },
    { channel: REQUEST_CHANNEL, folder },
  );
}

/** How many frames were acknowledged, and the recorders of which some are not in the files. */
export async function acknowledgedMissing(
  recording: Recording,
  folder: string,
): Promise<{ frames: number; missing: string[] }> {
  const missing: string[] = [];
  let frames = 0;
  for (const name of await readdir(folder)) {
    const [trackId, index = ''] = name.split('.');
    const segments = recording.tracks.find(({ id }) => id === trackId)?.segments ?? [];
    const segment = segments.find((each) => each.index === Number(index));
    for (const { stream, acknowledged } of framesIn([new Uint8Array(await readFile(join(folder, name)))])) {
      if (acknowledged === 0) continue;
      frames += acknowledged;
      const path = segment === undefined ? null : join(recording.folder, segment.file);
      const kept = path === null ? 0 : (await packetTimesMs(path, stream)).length;
      if (kept < acknowledged) missing.push(`${acknowledged} frames of ${name} were acknowledged and ${kept} are kept`);
    }
  }
  return { frames, missing };
}

/** How many frames of sound and of picture there are in the chunks of a segment; `stream` is FFmpeg's letter for them. */
export function framesIn(
  chunks: readonly Uint8Array[],
): { type: 'audio' | 'video'; stream: 'a' | 'v'; acknowledged: number }[] {
  const items = parseAll(chunks);
  const types = new Map(
    items.flatMap((item) =>
      item.kind === 'header' ? item.header.tracks.map(({ number, type }) => [number, type] as const) : [],
    ),
  );
  const count = (type: string): number =>
    blocksOf(items).filter(({ trackNumber }) => types.get(trackNumber) === type).length;
  return [
    { type: 'audio', stream: 'a', acknowledged: count('audio') },
    { type: 'video', stream: 'v', acknowledged: count('video') },
  ];
}
