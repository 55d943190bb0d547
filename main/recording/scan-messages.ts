import type { FinishedSegment } from './segment-finish.ts';

/** What the scanning thread is asked. */
export type ScanRequest = { id: number; path: string };

/** What it answers; `code` is the system's, for example ENOSPC. */
export type ScanAnswer =
  | { id: number; kind: 'scanned'; finished: FinishedSegment }
  | { id: number; kind: 'failed'; code: string | null; message: string };

/** Reads a request by hand: the thread is to be small. Null for what is none. */
export function readScanRequest(message: unknown): ScanRequest | null {
  if (typeof message !== 'object' || message === null || !('id' in message) || !('path' in message)) return null;
  const { id, path } = message;
  return typeof id === 'number' && typeof path === 'string' ? { id, path } : null;
}
