import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { callIdSchema, recordingIdSchema } from '../../contract/ids.ts';
import { createRecordingsStore, HEALTH_SILENT_MS } from '../../renderer/app/recordings-store.ts';
import type { HealthReport } from '../../renderer/app/recordings-store.ts';

const report: HealthReport = {
  type: 'recordingHealth',
  recordingId: recordingIdSchema.parse('00000000-0000-4000-8000-000000000001'),
  callId: callIdSchema.parse('00000000-0000-4000-8000-000000000002'),
  elapsedMs: 5_000,
  health: { kind: 'ok' },
  tracks: [],
  space: null,
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function openStore() {
  let tell: (event: HealthReport) => void = () => undefined;
  const store = createRecordingsStore({
    request: () => Promise.reject(new Error('not asked here')),
    on: (name, listener) => {
      if (name === 'recording.event') tell = listener as typeof tell;
      return () => undefined;
    },
  });
  return { store, tell: (event: HealthReport) => tell(event) };
}

it('believes a report from the disk only until the next one is overdue', () => {
  const { store, tell } = openStore();
  tell(report);
  vi.advanceTimersByTime(HEALTH_SILENT_MS - 1);
  expect(store.get().health?.health).toEqual({ kind: 'ok' });
  vi.advanceTimersByTime(1);
  expect(store.get().health?.health).toMatchObject({ kind: 'degraded', cause: 'captureLost' });
  tell(report);
  expect(store.get().health?.health).toEqual({ kind: 'ok' });
  store.dispose();
});
