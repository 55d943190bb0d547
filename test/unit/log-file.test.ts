import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { limitBytes, openLogFile } from '../../main/log/log-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-log-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Logs by `write`, and reads the file once its last line is there. */
async function logged(file: string, write: (log: ReturnType<typeof openLogFile>['log']) => void): Promise<string> {
  const { log, close } = openLogFile(file);
  write(log);
  await close();
  return readFile(file, 'utf8');
}

it('writes facts and never secrets, wherever they are', async () => {
  const text = await logged(join(folder, 'main.log'), (log) => {
    log.info({ callId: 'c1', token: 'hush-1', call: { ticket: 'hush-2', nested: { secret: 'hush-3' } } }, 'Joined.');
    log.warn({ input: { link: 'hush-4' }, iceServers: [{ credential: 'hush-5' }] }, 'Refused.');
  });
  expect(text).toContain('"callId":"c1"');
  expect(text).toContain('Refused.');
  expect(text).not.toContain('hush');
});

it('puts a large log aside at start and goes on with an empty one', async () => {
  const file = join(folder, 'main.log');
  await writeFile(file, 'x'.repeat(3 * 1024 * 1024));
  const text = await logged(file, (log) => log.info('Fresh.'));
  expect(text.length).toBeLessThan(500);
  expect((await stat(`${file}.1`)).size).toBe(3 * 1024 * 1024);
});

it('stops at its limit and says so once', () => {
  const lines: string[] = [];
  const limited = limitBytes({ write: (line: string) => lines.push(line) }, 100);
  for (let count = 0; count < 20; count += 1) limited.write('x'.repeat(30));
  expect(lines.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => 'x'.repeat(30)));
  expect(lines).toHaveLength(4);
  expect(lines[3]).toContain('full');
});
