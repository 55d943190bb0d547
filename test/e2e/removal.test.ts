import { expect, test } from '@playwright/test';
import { joinCall, press } from '../../scripts/demo/drive.ts';
import { gather, openMeeting, type Meeting } from '../support/meeting.ts';

let meeting: Meeting;

test.beforeEach(async () => {
  meeting = await openMeeting();
});
test.afterEach(async () => {
  await meeting.end();
});

test('the host removes somebody after one question: the link changes, and neither link lets that person in again', async () => {
  const ana = await meeting.launch('Ana');
  const ben = await meeting.launch('Ben');
  const chiara = await meeting.launch('Chiara');
  const link = await gather(ana, [ben]);
  await press(ana.page, 'People');
  await press(ben.page, 'People');
  await expect(ben.page.getByRole('button', { name: /^Remove/ })).toHaveCount(0);

  const remove = ana.page.getByRole('button', { name: 'Remove Ben from the call' });
  await remove.click();
  await ana.page.keyboard.press('Escape');
  await expect(remove).toBeFocused();
  await remove.click();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ana.page.getByText('Ben was removed. The invite link is a new one.')).toBeVisible();
  await expect(ana.page.getByRole('heading', { name: 'People' })).toBeFocused();
  const field = ana.page.getByRole('complementary').getByRole('textbox', { name: 'Invite link' });
  await expect(field).not.toHaveValue(link);
  const newLink = await field.inputValue();

  await expect(ben.page.locator('html[data-screen="lobby"]')).toBeAttached();
  await expect(ben.page.getByText('The host removed you from the call.')).toBeVisible();
  for (const tried of [link, newLink]) {
    await ben.page.getByLabel('Invite link').fill(tried);
    await expect(ben.page.getByRole('alert')).toContainText('The host removed you from this call.');
    await expect(ben.page.getByRole('button', { name: 'Join', exact: true })).toBeHidden();
    await ben.page.getByLabel('Invite link').fill('');
    await expect(ben.page.getByRole('alert')).toHaveCount(0);
  }

  await chiara.page.getByLabel('Invite link').fill(link);
  await expect(chiara.page.getByRole('alert')).toContainText('This invite link does not open a call.');
  await joinCall(chiara, newLink);
});
