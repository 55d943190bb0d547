/** The thread that scans segment files which have lost their writer (see scan-in-worker.ts). */
import { parentPort } from 'node:worker_threads';
import { nodeFiles } from './node-files.ts';
import { fileErrorCode } from './ports.ts';
import { readScanRequest } from './scan-messages.ts';
import type { ScanAnswer, ScanRequest } from './scan-messages.ts';
import { finishByScan } from './segment-finish.ts';

async function answer({ id, path }: ScanRequest): Promise<ScanAnswer> {
  try {
    return { id, kind: 'scanned', finished: await finishByScan(nodeFiles, path) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, kind: 'failed', code: fileErrorCode(error), message };
  }
}

async function work(request: ScanRequest): Promise<void> {
  parentPort?.postMessage(await answer(request), []);
}

parentPort?.on('message', (message: unknown) => {
  const request = readScanRequest(message);
  if (request !== null) void work(request);
});
