import { expect, test, type Page } from '@playwright/test';
import type { Call } from '../../contract/call.ts';
import { joinCall, waitForEvent, watchRecordings } from '../../scripts/demo/drive.ts';
import { faultsOf } from '../../scripts/demo/tour.ts';
import { completed, currentCall, lampOn, openMeeting, recordedFor, type Meeting } from '../support/meeting.ts';

let meeting: Meeting;

test.beforeEach(async () => {
  meeting = await openMeeting();
});
test.afterEach(async () => {
  await meeting.end();
});

/** Makes a call behind the back of the screens, as a program does. */
async function callFromOutside(page: Page, media: { microphoneOn: boolean; cameraOn: boolean }): Promise<Call> {
  const answer = await page.evaluate(
    (wanted) => window.tallylight.request('call.create', { name: 'Ana', title: 'From outside', ...wanted }),
    media,
  );
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

test('a call and a recording that begin outside of the window reach the stage, the devices, the lamps and the disk', async () => {
  const ana = await meeting.launch('Ana', { joinWithCamera: false, joinWithMicrophone: false });
  const ben = await meeting.launch('Ben');
  await ana.page.getByRole('button', { name: 'Library' }).click();
  await expect(ana.page.locator('html[data-screen="library"]')).toBeAttached();

  const { inviteLink } = await callFromOutside(ana.page, { microphoneOn: true, cameraOn: true });
  await expect(ana.page.locator('html[data-screen="stage"]')).toBeAttached();
  await expect(ana.page.getByRole('listitem', { name: 'Ana (you)', exact: true }).locator('video')).toBeVisible();
  // Answers only once a picture of hers was drawn.
  await joinCall(ben, inviteLink);

  await watchRecordings(ana.page);
  await ana.page.evaluate(() => window.tallylight.request('recording.start', {}));
  const started = (await waitForEvent(ana.page, 'recordingStarted', 15_000)).event.recording;
  await expect(ben.page.getByLabel('Recording notice')).toContainText('This call is being recorded. Recorded by Ana.');
  for (const { page } of [ana, ben]) await lampOn(page);
  await recordedFor(ana.page, 3);
  await ana.page.evaluate((recordingId) => window.tallylight.request('recording.stop', { recordingId }), started.id);
  expect(await faultsOf(await completed(ana.page), 2)).toEqual([]);
});

test('a window that comes up in a running call opens the devices as the call has them, not as the lobby would', async () => {
  const ana = await meeting.launch('Ana', { joinWithCamera: false });
  await callFromOutside(ana.page, { microphoneOn: false, cameraOn: true });
  await ana.page.reload();
  const self = ana.page.getByRole('listitem', { name: 'Ana (you), muted', exact: true });
  await expect(self.locator('video')).toBeVisible();
  await expect(ana.page.getByRole('button', { name: 'Turn camera off' })).toBeVisible();
  expect((await currentCall(ana.page))?.participants[0]).toMatchObject({ microphoneOn: false, cameraOn: true });
});
