import { expect, test } from 'vitest';
import { advance, firstProgress } from '../../main/cloud/upload-state.ts';
import type { UploadEvent, UploadProgress } from '../../main/cloud/upload-state.ts';

const LARGE = { sizeBytes: 100, partBytes: 10 };
const SMALL = { sizeBytes: 10, partBytes: 10 };
const parts = { kind: 'parts' as const, parts: [] };
const error = { code: 'CLOUD_REFUSED' as const, message: 'no', retryable: false };

/** The steps that an upload takes while these things happen. */
function steps(first: UploadProgress, events: readonly UploadEvent[]): string[] {
  let progress = first;
  const seen: string[] = [progress.step.kind];
  for (const event of events) {
    progress = advance(progress, event);
    seen.push(progress.step.kind);
  }
  return seen;
}

const queued = firstProgress({ state: 'queued', restarted: false }, LARGE);
const begun = firstProgress({ state: 'begun', restarted: false }, LARGE);

test('a large file is swept for, begun, sent, finished and compared', () => {
  const way: UploadEvent[] = [
    { kind: 'swept' },
    { kind: 'begun' },
    { kind: 'partsSent' },
    { kind: 'finished' },
    { kind: 'compared', verdict: { kind: 'same', by: 'checksum' } },
  ];
  expect(steps(queued, way)).toEqual(['sweep', 'begin', 'send', 'finish', 'verify', 'verified']);
});

test('a small file goes in one request, and again when it was cut off', () => {
  const way: UploadEvent[] = [{ kind: 'begun' }, { kind: 'interrupted' }, { kind: 'finished' }];
  expect(steps(firstProgress({ state: 'queued', restarted: false }, SMALL), way)).toEqual([
    'begin',
    'put',
    'put',
    'verify',
  ]);
  expect(firstProgress({ state: 'begun', restarted: false }, SMALL).step.kind).toBe('put');
});

test('after a restart the server is asked first, and what is there already is only compared', () => {
  expect(steps(begun, [{ kind: 'inspected', state: parts }])).toEqual(['inspect', 'send']);
  expect(steps(begun, [{ kind: 'inspected', state: { kind: 'finished' } }])).toEqual(['inspect', 'verify']);
  expect(firstProgress({ state: 'sent', restarted: false }, LARGE).step.kind).toBe('verify');
});

test('whatever is cut off in the middle is asked for and not guessed', () => {
  const interrupted: UploadEvent = { kind: 'interrupted' };
  // Its begin may have arrived: then that upload is removed first.
  expect(steps(queued, [{ kind: 'swept' }, interrupted])).toEqual(['sweep', 'begin', 'sweep']);
  const send: UploadEvent = { kind: 'inspected', state: parts };
  expect(steps(begun, [send, interrupted])).toEqual(['inspect', 'send', 'inspect']);
  expect(steps(begun, [send, { kind: 'partsSent' }, interrupted])).toEqual(['inspect', 'send', 'finish', 'inspect']);
  expect(steps(begun, [interrupted])).toEqual(['inspect', 'inspect']);
});

test('what the server forgot begins anew once, whenever it is told; the second time it fails', () => {
  const gone: UploadEvent = { kind: 'inspected', state: { kind: 'gone' } };
  const once: UploadEvent[] = [gone, { kind: 'restarted' }, { kind: 'swept' }, { kind: 'begun' }];
  expect(steps(begun, once)).toEqual(['inspect', 'restart', 'sweep', 'begin', 'send']);
  expect(steps(begun, [...once, { kind: 'gone' }]).at(-1)).toBe('failed');
  expect(steps(firstProgress({ state: 'begun', restarted: true }, LARGE), [gone])).toEqual(['inspect', 'failed']);
});

test('a session that is lost begins anew without counting as forgotten', () => {
  const progress = advance(begun, { kind: 'sessionLost' });
  expect(progress).toMatchObject({ step: { kind: 'sweep' }, restarted: false });
});

test('only a comparison that finds the same bytes verifies', () => {
  const sent = firstProgress({ state: 'sent', restarted: false }, LARGE);
  const verdicts = [{ kind: 'different', why: 'other bytes' } as const, { kind: 'missing' } as const].map(
    (verdict) => advance(sent, { kind: 'compared', verdict }).step,
  );
  expect(verdicts).toMatchObject([
    { kind: 'failed', error: { code: 'CLOUD_CONTENT_DIFFERS' } },
    { kind: 'failed', error: { code: 'CLOUD_OBJECT_MISSING' } },
  ]);
  for (const from of [queued, begun]) {
    const progress = advance(from, { kind: 'compared', verdict: { kind: 'same', by: 'readBack' } });
    expect(progress.step.kind).not.toBe('verified');
  }
});

test('an end is an end', () => {
  const failed = advance(begun, { kind: 'failed', error });
  expect(failed.step).toEqual({ kind: 'failed', error });
  expect(advance(failed, { kind: 'inspected', state: parts })).toBe(failed);
});
