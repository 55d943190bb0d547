import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { joinCall, press, startCall } from '../../scripts/demo/drive.ts';
import { makeCanary, searchFor } from '../support/canaries.ts';
import { watchChildren } from '../support/child-watch.ts';
import { closeWindow } from '../support/cloud-app.ts';
import { completed, currentCall, openMeeting, record, recordedFor } from '../support/meeting.ts';

test.skip(process.platform !== 'linux', 'Processes and their environments are looked at in /proc.');

test('what ICE_SERVERS signs in with serves the connections and reaches no file, no log and no other program', async () => {
  const password = makeCanary('password of a TURN server');
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-ice-'));
  const meeting = await openMeeting();
  let ana: LaunchedApp | null = null;
  try {
    ana = await launchApp({
      profile: join(folder, 'profile'),
      settings: { displayName: 'Ana', recordingsFolder: join(folder, 'recordings'), signalingListenHost: '127.0.0.1' },
      // Nobody listens there; on loopback none is needed.
      env: {
        ICE_SERVERS: JSON.stringify([{ urls: 'turn:127.0.0.1:9', username: 'ana', credential: password.value }]),
        MAX_PARTICIPANTS_PER_ROOM: '7',
      },
    });
    const children = watchChildren(ana.pid);
    const { page } = ana;
    await page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
    const answer = await page.evaluate(() => window.tallylight.request('app.environment', {}));
    const environment = answer.ok ? answer.value : null;
    expect(environment?.overrides).toContainEqual({ setting: 'iceServers', variable: 'ICE_SERVERS' });
    expect(environment?.overrideProblems).toEqual([
      { variable: 'MAX_PARTICIPANTS_PER_ROOM', message: expect.stringContaining('at most 6') },
    ]);

    // Something is saved and something is logged with the override in force.
    await page.evaluate(() => window.tallylight.request('settings.update', { displayName: 'Ana B' }));
    const ben = await meeting.launch('Ben');
    const host = { ...ana, name: 'Ana' };
    await joinCall(ben, await startCall(host));
    const call = await currentCall(page);
    expect(call?.ticket.iceServers[0]?.credential).toBe(password.value);
    expect(call?.participantLimit).toBe(6);
    expect(JSON.stringify(await currentCall(ben.page))).not.toContain('turn:');
    await record(host, [host, ben]);
    await recordedFor(page, 2);
    await press(page, 'Stop recording');
    await completed(page);
    await press(page, 'Leave');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^End for all/ })
      .click();
    await page.locator('html[data-screen="lobby"]').waitFor();
    expect(await closeWindow(ana)).toBe(0);
    children.stop();

    const search = searchFor([password.canary]);
    const left = await search.inFolder(folder, (path) => /\.(mp4|webm|mkv)$/.test(path));
    expect(left.files).toBeGreaterThan(3);
    expect(left.hits).toEqual([]);
    expect(children.commandLines().some((line) => line.includes('ffmpeg'))).toBe(true);
    const heard = [...children.commandLines(), ...children.environments()];
    expect(heard.flatMap((each) => search.inText(each, 'a child'))).toEqual([]);
  } finally {
    await ana?.close();
    await meeting.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
