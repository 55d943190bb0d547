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

it('writes no secret of a bucket, in whatever spelling and however deep', async () => {
  const text = await logged(join(folder, 'main.log'), (log) => {
    log.info(
      {
        accessKeyId: 'hush-1',
        secretAccessKey: 'hush-2',
        deep: { a: [{ private_key: 'hush-3', 'X-Amz-Security-Token': 'hush-4', fine: 'shown' }] },
        headers: { authorization: 'hush-5' },
        session: 'hush-6',
        url: 'hush-7',
        input: { json: 'hush-8' },
        Authorization: 'hush-9',
      },
      'Asked %s.',
      { sessionToken: 'hush-10' },
    );
  });
  expect(text).toContain('shown');
  expect(text).not.toContain('hush');
});

it('writes nothing of what signs in at a TURN server, as settings, as a ticket or as text', async () => {
  const iceServers = [{ urls: ['turn:t.example'], username: 'ana', credential: 'hush-1' }];
  const text = await logged(join(folder, 'main.log'), (log) => {
    log.info({ settings: { iceServers }, server: iceServers[0] }, 'Changed.');
    log.info({ call: { ticket: { iceServers } } }, 'Entered.');
    log.warn({ err: new Error(`Bad: ${JSON.stringify(iceServers)}`), dump: JSON.stringify({ iceServers }) }, 'Failed.');
  });
  expect(text).toContain('Failed.');
  expect(text).not.toContain('hush');
});

it('writes of an error its words, not the request that libraries hang on it', async () => {
  const cause = Object.assign(new Error('refused: secretAccessKey=hush-1'), { $response: { body: 'hush-2' } });
  const error = Object.assign(
    new Error('GET https://b.example/k?X-Amz-Signature=hush-3&upload_id=hush-4 failed', { cause }),
    {
      code: 'EFAIL',
      config: { key: 'hush-5' },
    },
  );
  const pem = '-----BEGIN PRIVATE KEY-----\nhush-6\nhush-7\n-----END PRIVATE KEY-----';
  const text = await logged(join(folder, 'main.log'), (log) => {
    log.error({ err: error, more: error }, 'It failed.');
    log.error({ err: error });
    log.error(error);
    log.warn(`Words with Authorization: Bearer hush-8`);
    log.warn({ err: new Error(`of ${pem} and ${JSON.stringify({ private_key: pem, secret_key: 'hush-9' })}`) }, 'Key.');
    log.warn({ dump: JSON.stringify(JSON.stringify({ secretAccessKey: 'hush-c' })) }, 'Dumped.');
    log.warn({ err: 'a string with https://ana:hush-a@example.org/x?token=hush-b' }, 'Thrown.');
  });
  expect(text).toContain('It failed.');
  expect(text).toContain('EFAIL');
  expect(text).toContain('https://b.example/k?');
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
