import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Destination } from '../../contract/cloud.ts';
import { viewS3Bucket } from '../support/bucket-view.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import { startRadosgw } from '../support/radosgw.ts';
import type { UploadFigures } from './upload-figures.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;

/** The bars of issue 4. */
const MIN_RATIO = 0.8;
const MAX_RSS_RISE_BYTES = 40 * MIB;

const SCRIPTS = {
  ours: new URL('./upload-ours.ts', import.meta.url),
  theirs: new URL('./upload-theirs.ts', import.meta.url),
};

export type UploadBenchOptions = { megabytes: number; repeats: number };

/**
 * Throughput of an upload (from queueing to the last byte confirmed) beside that of `@aws-sdk/lib-storage` with the same file, the
 * same size of parts and as many of them at once, to a server on this machine; each in a process of its own, in turn.
 */
export async function benchUpload({ megabytes, repeats }: UploadBenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-bench-upload-'));
  const server = await startRadosgw();
  const bucket = 'bench';
  const view = viewS3Bucket(server.endpoint, bucket);
  try {
    await server.bucket(bucket);
    const sizeBytes = megabytes * MIB;
    const big = await writeFinishedRecording(join(folder, 'recordings'), [sizeBytes]);
    const [file] = big.files;
    if (file === undefined) throw new Error('There is no file.');
    const journalPath = join(big.folder, 'journal.jsonl');
    const journal = await readFile(journalPath);
    const destination: Destination = {
      provider: 's3',
      bucket,
      region: 'us-east-1',
      endpoint: server.endpoint,
      pathStyle: true,
    };
    const ours: UploadFigures[] = [];
    const theirs: UploadFigures[] = [];
    for (let index = 0; index < repeats; index += 1) {
      process.stderr.write(`upload ${index + 1} of ${repeats}: ${megabytes} MB\n`);
      // Each goes first as often as the other.
      for (const who of index % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) {
        await writeFile(journalPath, journal);
        await rm(join(folder, 'profile'), { recursive: true, force: true });
        const args = [folder, big.id, join(big.folder, file.file), JSON.stringify(destination)];
        const figures = await measure(SCRIPTS[who], args);
        (who === 'ours' ? ours : theirs).push(figures);
        const [key = ''] = (await view.objects()).keys();
        if ((await view.sha256(key)) !== file.sha256) throw new Error(`What ${who} sent is not what is here.`);
        await view.clear('');
        // The server keeps what was deleted for two hours, and its disk is small.
        const conf = join(server.folder, 'ceph.conf');
        await run('radosgw-admin', ['-c', conf, 'gc', 'process', '--include-all']);
      }
    }
    const ratios = ours.map((own, index) => (theirs[index]?.sentMs ?? 0) / own.sentMs);
    const rises = ours.flatMap(({ rssRiseBytes, rssRiseComparingBytes }) => [rssRiseBytes, rssRiseComparingBytes]);
    const report = {
      bench: 'upload',
      megabytes,
      repeats,
      ok: median(ratios) >= MIN_RATIO && Math.max(...rises) <= MAX_RSS_RISE_BYTES,
      ratio: {
        median: round(median(ratios), 3),
        worst: round(Math.min(...ratios), 3),
        all: ratios.map((each) => round(each, 3)),
      },
      megabytesPerSecond: {
        ours: ours.map(({ sentMs }) => round(megabytes / (sentMs / 1_000), 1)),
        theirs: theirs.map(({ sentMs }) => round(megabytes / (sentMs / 1_000), 1)),
      },
      comparedMs: ours.map(({ comparedMs }) => Math.round(comparedMs)),
      rssRiseMegabytes: {
        ours: ours.map(({ rssRiseBytes }) => inMegabytes(rssRiseBytes)),
        oursComparing: ours.map(({ rssRiseComparingBytes }) => inMegabytes(rssRiseComparingBytes)),
        theirs: theirs.map(({ rssRiseBytes }) => inMegabytes(rssRiseBytes)),
      },
      rssBaselineMegabytes: { ours: ours.map(({ rssBytes }) => inMegabytes(rssBytes)) },
      loopDelayMs: {
        p99: ours.map(({ loopDelayP99Ms }) => round(loopDelayP99Ms, 1)),
        max: ours.map(({ loopDelayMaxMs }) => round(loopDelayMaxMs, 1)),
        theirsP99: theirs.map(({ loopDelayP99Ms }) => round(loopDelayP99Ms, 1)),
        theirsMax: theirs.map(({ loopDelayMaxMs }) => round(loopDelayMaxMs, 1)),
      },
      processorMs: {
        ours: ours.map(({ processorMs }) => Math.round(processorMs)),
        theirs: theirs.map(({ processorMs }) => Math.round(processorMs)),
      },
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } finally {
    view.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs one upload in a process of its own and answers with the line that it printed. */
async function measure(script: URL, args: string[]): Promise<UploadFigures> {
  const path = fileURLToPath(script);
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (data: Buffer) => {
    printed += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${path} ended with ${code}.`);
  return JSON.parse(printed) as UploadFigures;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const inMegabytes = (bytes: number): number => round(bytes / MIB, 1);

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
