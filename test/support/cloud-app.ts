import { expect, type Locator, type Page } from '@playwright/test';
import { press } from '../../scripts/demo/drive.ts';

/** Leaves whatever screen is open for the settings of the cloud. */
export async function openCloudSettings(page: Page): Promise<void> {
  await goHome(page);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Cloud', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Cloud' })).toBeVisible();
}

/** Leaves whatever screen is open for the library. */
export async function openLibrary(page: Page): Promise<void> {
  await goHome(page);
  await page.getByRole('button', { name: 'Library', exact: true }).click();
  await expect(page.locator('html[data-screen="library"]')).toBeAttached();
}

async function goHome(page: Page): Promise<void> {
  const lobby = page.locator('html[data-screen="lobby"]');
  while ((await lobby.count()) === 0) await page.getByRole('button', { name: 'Back', exact: true }).click();
}

/** Types a setting and leaves its field, as a person does. */
export async function fillSetting(page: Page, label: string, value: string): Promise<void> {
  const field = page.getByRole('textbox', { name: label, exact: true });
  await field.fill(value);
  await field.press('Enter');
  await expect(field).toHaveValue(value);
}

/** Enters an S3 key by its form. */
export async function saveKey(page: Page, accessKeyId: string, secretAccessKey: string): Promise<void> {
  await page.getByLabel('Access key ID').fill(accessKeyId);
  await page.getByLabel('Secret access key').fill(secretAccessKey);
  await page.getByRole('button', { name: 'Save key' }).click();
  await expect(page.getByText(/^Key ending in /)).toBeVisible();
}

/** Presses "Test connection" and waits for the words that come of it. */
export async function testConnection(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Test connection' }).click();
  await expect(page.getByRole('button', { name: 'Test connection' })).toBeEnabled({ timeout: 40_000 });
  const outcome = page.locator('.connection-check').locator('[role="alert"] strong, .done-line');
  return outcome.innerText();
}

/** One recording in the library, by its title. */
export function rowOf(page: Page, title: string | RegExp): Locator {
  return page.getByRole('list', { name: 'Recordings' }).getByRole('listitem', { name: title });
}

/** Chooses a command of a row's menu. */
export async function command(row: Locator, name: string | RegExp): Promise<void> {
  await row.getByRole('button', { name: /^More for / }).click();
  await row.page().getByRole('menuitem', { name, exact: true }).click();
}

/** Ends the call that this person started. */
export async function endCall(page: Page): Promise<void> {
  await press(page, 'Leave');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^End for all/ })
    .click();
  await expect(page.locator('html[data-screen="lobby"]')).toBeAttached();
}
