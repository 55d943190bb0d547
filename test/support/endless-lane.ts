import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { element, ID, uintElement } from '../../main/media/matroska/ebml.ts';
import { createLaneParser } from '../../main/media/matroska/lane-parser.ts';
import type { LaneBlock } from '../../main/media/matroska/lane-parser.ts';

const run = promisify(execFile);

/** A recorder that never ends: ten seconds of media, again and again, with times that go on. */
export type EndlessLane = {
  /** The bytes of the n-th 250 ms, as one recorder gives them: a header first, then one cluster of unknown size each. */
  chunk: (index: number) => Uint8Array<ArrayBuffer>;
};

export type EndlessSource = {
  widthPx: number;
  heightPx: number;
  videoBitsPerSecond: number;
  tracks: 'audio' | 'video' | 'av';
  codec: 'libx264' | 'libvpx';
};

const LOOP_MS = 10_000;
const CHUNK_MS = 250;
const SIMPLE_BLOCK_HEAD_BYTES = 4;

/** Makes the ten seconds with FFmpeg. */
export async function makeEndlessLane(
  ffmpegPath: string,
  folder: string,
  name: string,
  source: EndlessSource,
): Promise<EndlessLane> {
  const path = join(folder, `${name}.mkv`);
  const size = `${source.widthPx}x${source.heightPx}`;
  const rate = String(source.videoBitsPerSecond);
  const inputs: string[] = [];
  const outputs: string[] = [];
  if (source.tracks !== 'audio') {
    inputs.push('-f', 'lavfi', '-i', `testsrc2=s=${size}:r=30:d=10,noise=alls=12:allf=t`);
    outputs.push('-c:v', source.codec, '-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-g', '90');
    outputs.push('-pix_fmt', 'yuv420p');
    outputs.push(
      ...(source.codec === 'libx264'
        ? ['-preset', 'ultrafast', '-bf', '0']
        : ['-deadline', 'realtime', '-cpu-used', '8']),
    );
  }
  if (source.tracks !== 'video') {
    inputs.push('-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=10');
    outputs.push('-c:a', 'libopus', '-b:a', '64k', '-frame_duration', '20');
  }
  await run(ffmpegPath, ['-v', 'error', '-y', ...inputs, ...outputs, '-f', 'matroska', `file:${path}`]);
  return endlessLane(new Uint8Array(await readFile(path)));
}

/** Repeats a Matroska file whose first frames are key frames. */
export function endlessLane(file: Uint8Array): EndlessLane {
  const parser = createLaneParser();
  const items = parser.push(file);
  const headerBytes = headerOf(file);
  const slots: LaneBlock[][] = Array.from({ length: LOOP_MS / CHUNK_MS }, () => []);
  for (const item of items) {
    if (item.kind === 'broken') throw item.error;
    if (item.kind === 'block') slots[Math.floor(item.block.timeMs / CHUNK_MS)]?.push(item.block);
  }
  return {
    chunk: (index) => {
      const startMs = index * CHUNK_MS;
      const offsetMs = Math.floor(startMs / LOOP_MS) * LOOP_MS;
      const blocks = slots[index % slots.length] ?? [];
      const parts = [uintElement(ID.timestamp, startMs)];
      for (const block of blocks) parts.push(simpleBlock(block, block.timeMs + offsetMs - startMs));
      const cluster = Buffer.concat([unknownSize(ID.cluster), ...parts]);
      const bytes = index === 0 ? Buffer.concat([headerBytes, cluster]) : cluster;
      return new Uint8Array(bytes);
    },
  };
}

function simpleBlock(block: LaneBlock, relativeMs: number): Uint8Array {
  const head = new Uint8Array(SIMPLE_BLOCK_HEAD_BYTES);
  head[0] = 0x80 | block.trackNumber;
  new DataView(head.buffer).setInt16(1, Math.round(relativeMs));
  head[3] = block.isKeyFrame ? 0x80 : 0;
  return element(ID.simpleBlock, head, block.payload);
}

function unknownSize(id: number): Uint8Array {
  // All bits of an 8-byte size set means unknown; a number cannot hold that many.
  const bytes = new Uint8Array(12).fill(0xff);
  new DataView(bytes.buffer).setUint32(0, id);
  bytes[4] = 0x01;
  return bytes;
}

/** EBML header, Segment of unknown size, Info and Tracks: all before the first cluster, with the Segment's size taken out. */
function headerOf(file: Uint8Array): Uint8Array {
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const clusterAt = buffer.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]));
  const segmentAt = buffer.indexOf(Buffer.from([0x18, 0x53, 0x80, 0x67]));
  const header = new Uint8Array(buffer.subarray(0, clusterAt));
  header.set(unknownSize(ID.segment).subarray(4), segmentAt + 4);
  return header;
}
