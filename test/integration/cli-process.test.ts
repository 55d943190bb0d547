import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli, startCli, watchProgram } from '../support/run-cli.ts';
import {
  answerJson,
  SCRIPTED_TOKEN,
  scriptControl,
  writeControl,
  type ScriptedControl,
} from '../support/scripted-control.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'scripts', 'tallylight.mjs');
const id = '01234567-89ab-cdef-0123-456789abcdef';

let profile = '';
let servers: ScriptedControl[] = [];
beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'tallylight-cli-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.close();
  await rm(profile, { recursive: true, force: true });
});

const script = async (...args: Parameters<typeof scriptControl>): Promise<ScriptedControl> => {
  const server = await scriptControl(...args);
  servers.push(server);
  return server;
};

/** The pid of a process that is gone. */
const goneProcess = () => spawnSync(process.execPath, ['-e', '0']).pid;

/** A port on which nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

describe('the npm program', () => {
  // The Node that npm runs with: not the one of node_modules.
  const PATH = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
  const run = (...args: string[]) =>
    watchProgram('node', [bin, ...args], { ...process.env, PATH, XDG_CONFIG_HOME: profile }).ended;

  test("runs on the machine's own Node, answers on stdout alone, and passes its exit code on", async () => {
    const version = await run('--version');
    expect(version).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
    const help = await run('record', '--help');
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('Usage: tallylight record'), err: '' });
    expect(await run('recrod')).toEqual({
      code: 2,
      out: '',
      err: 'There is no command "recrod".\nSee: tallylight help\n',
    });
  });

  test.skipIf(process.platform !== 'linux')('looks for the app where Electron has its profile', async () => {
    await script(join(profile, 'Tallylight'), (_request, response) =>
      answerJson(response, 200, { success: true, data: { calls: [] }, message: '' }),
    );
    expect(await run('status')).toEqual({ code: 0, out: 'You are in no call.\n', err: '' });
  });
});

describe('an app that cannot be asked', () => {
  test('that does not run is 3, with what to do, on stderr', async () => {
    const { code, out, err } = await runCli(['status'], profile);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain('Settings > Automation');
    expect(err).toContain('--control-port=0');
  });

  test('is told as one JSON document where that was asked for', async () => {
    const { code, out, err } = await runCli(['list', '--json'], profile);
    expect({ code, err }).toEqual({ code: 3, err: '' });
    expect(JSON.parse(out)).toEqual({
      success: false,
      error: { code: 'APP_NOT_RUNNING', message: expect.stringContaining('not running') },
    });
    const misuse = await runCli(['list', '--limit', 'many', '--json'], profile);
    expect(misuse).toMatchObject({ code: 2, err: '' });
    expect(JSON.parse(misuse.out)).toMatchObject({ success: false, error: { code: 'MISUSE' } });
  });

  test('of which a control.json is left is 3, and nobody on its port is asked', async () => {
    const server = await script(profile, (_request, response) => answerJson(response, 200, {}));
    await writeControl(profile, { port: server.port, pid: goneProcess() });
    const { code, err } = await runCli(['status'], profile);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('Tallylight is not running.') });
    expect(server.requests).toEqual([]);
  });

  test('that does not listen is 4', async () => {
    const port = await unusedPort();
    await writeControl(profile, { port, pid: process.pid });
    const { code, err } = await runCli(['status', '--verbose'], profile);
    expect({ code, err }).toEqual({
      code: 4,
      err: `Tallylight could not be reached on port ${port} of this computer.\nAPP_UNREACHABLE\n`,
    });
  });

  test.each([
    ['a page', 200, '<html>'],
    ['an answer of another shape', 200, JSON.stringify({ success: true, data: { calls: [{}] } })],
    ['an error of another shape', 500, JSON.stringify({ error: 'x' })],
    ['nothing', 204, ''],
  ])('that answers with %s is 4', async (_what, status, body) => {
    await script(profile, (_request, response) => {
      response.writeHead(status).end(body);
    });
    const { code, err } = await runCli(['status'], profile);
    expect({ code, err }).toEqual({ code: 4, err: expect.stringContaining('not Tallylight, or another version') });
  });

  test('that hangs up in the middle of its answer is 4', async () => {
    await script(profile, (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"success"', () => response.destroy());
    });
    expect(await runCli(['status'], profile)).toMatchObject({ code: 4, out: '' });
  });
});

describe.skipIf(process.platform === 'win32')('a control.json that is not believed', () => {
  test.each([
    ['others may write', (path: string) => chmod(path, 0o622), 'Others may write'],
    [
      'is a link',
      async (path: string) => {
        await rename(path, `${path}.real`);
        await symlink(`${path}.real`, path);
      },
      'is a link',
    ],
    [
      'is a folder',
      async (path: string) => {
        await rm(path);
        await mkdir(path);
      },
      'not what Tallylight writes',
    ],
    ['is no JSON', (path: string) => writeFile(path, '{"port":'), 'not what Tallylight writes'],
    [
      'has a port of none',
      (path: string) => writeFile(path, JSON.stringify({ port: 0, token: 'x'.repeat(40), pid: 1 })),
      'not what Tallylight writes',
    ],
    ['is too long', (path: string) => writeFile(path, ' '.repeat(5000)), 'not what Tallylight writes'],
  ])('one that %s', async (_what, spoil, words) => {
    const server = await script(profile, (_request, response) => answerJson(response, 200, {}));
    await spoil(await writeControl(profile, { port: server.port, pid: process.pid }));
    const { code, err } = await runCli(['status'], profile);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(words) });
    expect(server.requests).toEqual([]);
  });
});

describe('what the app refuses', () => {
  test.each([
    ['CONFLICT', 409, 1],
    ['RATE_LIMITED', 429, 1],
    ['UNAUTHORIZED', 401, 5],
    ['FORBIDDEN', 403, 5],
    ['NOT_HOST', 403, 5],
  ])('%s is told in its own words, the code only when asked for', async (code, status, exitCode) => {
    const error = { code, message: 'No, because of this.', details: { after: 3 } };
    await script(profile, (_request, response) => answerJson(response, status, { success: false, error }));
    expect(await runCli(['status'], profile)).toEqual({ code: exitCode, out: '', err: 'No, because of this.\n' });
    expect((await runCli(['status', '--verbose'], profile)).err).toBe(`No, because of this.\n${code}\n`);
    const json = await runCli(['status', '--json'], profile);
    expect(json).toMatchObject({ code: exitCode, err: '' });
    expect(JSON.parse(json.out)).toEqual({ success: false, error });
  });

  test('without a call there is nothing to record: 1, and nothing more is asked', async () => {
    const server = await script(profile, (_request, response) =>
      answerJson(response, 200, { success: true, data: { calls: [] }, message: '' }),
    );
    expect(await runCli(['record', 'start'], profile)).toEqual({ code: 1, out: '', err: 'You are in no call.\n' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('what goes to the app', () => {
  test('a POST has the token, its JSON, and its length; nothing of the token is in what is said', async () => {
    let body = '';
    const server = await script(profile, (request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () =>
        answerJson(response, 200, { success: true, data: { deleted: [], refused: [], freedBytes: 0 }, message: '' }),
      );
    });
    const { code, out, err } = await runCli(['cleanup', '--older-than', '2d', '--verbose'], profile);
    expect({ code, out }).toEqual({ code: 0, out: 'Nothing went into the bin.\n' });
    expect(body).toBe('{"maxAgeMs":172800000}');
    expect(server.requests[0]?.headers).toMatchObject({
      host: `127.0.0.1:${server.port}`,
      authorization: `Bearer ${SCRIPTED_TOKEN}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
    });
    expect(out + err).not.toContain(SCRIPTED_TOKEN);
  });

  test('a question of the library is all in the address', async () => {
    const server = await script(profile, (_request, response) =>
      answerJson(response, 200, { success: true, data: { recordings: [], nextCursor: null }, message: '' }),
    );
    const { out } = await runCli(['list', '--query', 'a&b=c d', '--limit', '7', '--json'], profile);
    expect(JSON.parse(out)).toEqual({ recordings: [], nextCursor: null });
    expect(server.requests[0]?.url).toBe('/api/recordings?q=a%26b%3Dc+d&limit=7');
    expect(server.requests[0]?.headers['content-type']).toBeUndefined();
  });
});

describe('Ctrl+C', () => {
  test('ends a command that waits, without a word and with 130, and leaves no file behind', async () => {
    const server = await script(profile, () => undefined);
    const cli = startCli(['export', id, '--out', join(profile, 'x.mp4')], profile);
    await server.asked(1);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toEqual({ code: 130, out: '', err: '' });
    expect(await readdir(profile)).toEqual(['control.json']);
  });
});

describe('events', () => {
  const deleted = (number: number) =>
    `id: r-${number}\nevent: recordingDeleted\ndata: ${JSON.stringify({ type: 'recordingDeleted', recordingId: id })}\n\n`;

  test('go on behind the last one after a break, and say what is missing; Ctrl+C ends them', async () => {
    const server = await script(profile, (_request, response, nth) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (nth === 1) response.write(`retry: 2000\nid: r-4\n\n`, () => response.destroy());
      if (nth === 2) response.write(`: alive\n\n${deleted(5)}id: r-6\ndata: ha`, () => response.end());
      if (nth === 3)
        response.write(`id: r-7\nevent: gap\ndata: {}\n\nid: r-8\nevent: x\ndata: {"type":"x"}\n\n${deleted(9)}`);
    });
    const cli = startCli(['events', '--json'], profile);
    await cli.until(({ out }) => out.split('\n').length === 3);
    expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'r-4', 'r-5']);
    cli.child.kill('SIGINT');
    const { code, out, err } = await cli.ended;
    expect({ code, err }).toEqual({ code: 130, err: 'Some events are missing here.\n' });
    const event = { type: 'recordingDeleted', recordingId: id };
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([event, event]);
  });

  test('end with 3 when the app is closed', async () => {
    const server = await script(profile, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(deleted(1));
    });
    const cli = startCli(['events'], profile);
    await cli.until(({ out }) => out.includes('\n'));
    await server.close();
    const { code, out } = await cli.ended;
    expect({ code, out }).toEqual({ code: 3, out: `${id}  In the bin\n` });
  });

  test('end when nobody reads them any more', async () => {
    let more: NodeJS.Timeout | undefined;
    await script(profile, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      more = setInterval(() => response.write(deleted(1)), 10);
    });
    const cli = startCli(['events'], profile);
    await cli.until(({ out }) => out.includes('\n'));
    cli.child.stdout.destroy();
    const { code, err } = await cli.ended;
    clearInterval(more);
    expect({ code, err }).toEqual({ code: 130, err: '' });
  });
});
