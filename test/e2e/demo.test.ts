import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@playwright/test';
import type { DemoEvent } from '../../scripts/demo/tour.ts';

let folder: string;

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-demo-test-'));
});
test.afterEach(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

type Told = { events: DemoEvent[]; code: number | null };

/** Runs the demo to its end; `on` hears every line as it comes. */
async function demo(args: string[], on: (event: DemoEvent, pid: number) => void = () => undefined): Promise<Told> {
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'demo.ts');
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const events: DemoEvent[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as DemoEvent;
    events.push(event);
    on(event, child.pid ?? 0);
  }
  return { events, code: await ended };
}

const find = <E extends DemoEvent['event']>(events: DemoEvent[], wanted: E) =>
  events.find((each): each is Extract<DemoEvent, { event: E }> => each.event === wanted);

test('a demo whose app is killed says so and keeps the profile, and reopening it saves the recording', async () => {
  let host = 0;
  let killedAtMs = Number.NaN;
  const tour = ['--people', '1', '--seconds', '0', '--format', 'mkv', '--keep-profiles', '--out', folder];
  const killed = await demo(tour, (event) => {
    if (event.event === 'launched') host = event.pid;
    if (event.event !== 'recordingStarted') return;
    setTimeout(() => {
      killedAtMs = performance.now();
      process.kill(host, 'SIGKILL');
    }, 3_000);
  });
  expect(performance.now() - killedAtMs).toBeLessThan(30_000);
  expect(killed.code).toBe(1);
  const result = find(killed.events, 'result');
  expect(result).toMatchObject({ ok: false, recording: { status: 'recording' }, deliverables: [] });
  expect(result?.error).toContain('SIGKILL');
  const profile = find(killed.events, 'launched')?.profile ?? '';

  try {
    const again = await demo(['--reopen', profile]);
    expect(again.events, JSON.stringify(again.events)).toMatchObject([{ event: 'library' }]);
    expect(again.code).toBe(0);
    const library = find(again.events, 'library');
    expect(library?.listedMs).toBeGreaterThan(0);
    expect(library?.recordings).toHaveLength(1);
    const [saved] = library?.recordings ?? [];
    expect(saved?.recording).toMatchObject({ id: result?.recording?.id, status: 'completed' });
    expect(saved?.deliverables.map(({ kind }) => kind).sort()).toEqual(['mix', 'track']);
    for (const { path } of saved?.deliverables ?? []) await access(path);
    expect(saved?.lost.map(({ participant }) => participant).sort()).toEqual(['', 'Ana']);
    for (const lost of saved?.lost ?? []) expect(lost.totalMs).toBeGreaterThanOrEqual(0);
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('a demo of 0 seconds records until it is interrupted, and then ends in order', async () => {
  const { events, code } = await demo(['--people', '1', '--seconds', '0', '--out', folder], (event, pid) => {
    if (event.event === 'recordingStarted') setTimeout(() => process.kill(pid, 'SIGINT'), 3_000);
  });
  expect(find(events, 'result')).toMatchObject({ ok: true, recording: { status: 'completed', format: 'mp4' } });
  expect(code).toBe(0);
});

test('reopening what is no profile says so', async () => {
  const { events, code } = await demo(['--reopen', join(folder, 'nowhere')]);
  expect(events).toEqual([{ event: 'failed', error: `There is no profile ${join(folder, 'nowhere')}` }]);
  expect(code).toBe(1);
});
