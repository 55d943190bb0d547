import { expect, type Locator, type Page } from '@playwright/test';
import type { LaunchedApp } from '../../scripts/demo/app-process.ts';
import { press } from '../../scripts/demo/drive.ts';

/** Leaves whatever screen is open for the settings of the cloud. */
export async function openCloudSettings(page: Page): Promise<void> {
  await goHome(page);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Cloud', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Cloud' })).toBeVisible();
}

/** Leaves the stage for another screen while the call goes on. */
export async function openFromStage(page: Page, screen: 'Library' | 'Settings'): Promise<void> {
  await press(page, 'More');
  await page.getByRole('menuitem', { name: screen }).click();
  await expect(page.locator(`html[data-screen="${screen.toLowerCase()}"]`)).toBeAttached();
}

/** Comes back to the stage of the running call. */
export async function backToStage(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Back to the call' }).click();
  await expect(page.locator('html[data-screen="stage"]')).toBeAttached();
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
export async function saveKey(
  page: Page,
  accessKeyId: string,
  secretAccessKey: string,
  sessionToken = '',
): Promise<void> {
  await page.getByLabel('Access key ID').fill(accessKeyId);
  await page.getByLabel('Secret access key').fill(secretAccessKey);
  await page.getByLabel(/^Session token/).fill(sessionToken);
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

/** What can be read in a window: its text and what stands in its fields. */
export async function readableIn(page: Page): Promise<string> {
  return page.evaluate(() =>
    [
      document.documentElement.outerHTML,
      ...Array.from(document.querySelectorAll('input, textarea'), (field) =>
        field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field.value : '',
      ),
    ].join('\n'),
  );
}

/** Closes the window as a person does, and answers with the exit code of the app. */
export async function closeWindow({ app, ended }: LaunchedApp): Promise<number | null> {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  return (await ended).code;
}
