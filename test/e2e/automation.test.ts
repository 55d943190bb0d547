import { readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { CONTROL_FILE, controlFileSchema, type ControlFile } from '../../contract/control.ts';
import { launchApp, type LaunchedApp, type LaunchOptions } from '../../scripts/demo/app-process.ts';

const apps: LaunchedApp[] = [];

test.afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close({ keepProfile: false })));
});

/** Starts an app and opens its settings for programs. */
async function openAutomation(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const launched = await launchApp({ ...options, settings: { displayName: 'Ana' } });
  apps.push(launched);
  await launched.page.getByRole('button', { name: 'Settings' }).click();
  await launched.page.getByRole('button', { name: 'Automation' }).click();
  return launched;
}

const theSwitch = (page: Page) => page.getByRole('switch', { name: 'Let programs on this computer use Tallylight' });

async function controlFile({ profile }: LaunchedApp): Promise<ControlFile> {
  return controlFileSchema.parse(JSON.parse(await readFile(join(profile, CONTROL_FILE), 'utf8')));
}

/** What the app answers to a program with this token. */
async function statusFor({ port }: ControlFile, token: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/stats`, { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
}

test('programs get in when the person turns it on, with a token that the window never sees, until it is replaced or turned off', async () => {
  const app = await openAutomation();
  const { page } = app;
  await expect(page.getByText('Off: no program can use Tallylight.')).toBeVisible();
  await theSwitch(page).click();
  await expect(page.getByText(/^On at http:\/\/127\.0\.0\.1:\d+\.$/)).toBeVisible();
  const first = await controlFile(app);
  await expect(page.getByText(`On at http://127.0.0.1:${first.port}.`)).toBeVisible();
  await expect(page.getByLabel('Where control.json is')).toHaveValue(join(app.profile, CONTROL_FILE));
  if (process.platform !== 'win32') expect((await stat(join(app.profile, CONTROL_FILE))).mode & 0o777).toBe(0o600);
  expect(await statusFor(first, first.token)).toBe(200);

  await page.getByRole('button', { name: 'Copy token' }).click();
  await expect(page.getByRole('status').filter({ hasText: /^Copied$/ })).toBeAttached();
  expect(await app.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(first.token);
  expect(await page.content()).not.toContain(first.token);

  await page.getByRole('button', { name: 'Make a new token' }).click();
  const question = page.getByRole('dialog', { name: 'Make a new token?' });
  await expect(question).toContainText('Programs that have the old one stop working');
  await page.keyboard.press('Escape');
  expect((await controlFile(app)).token).toBe(first.token);
  await page.getByRole('button', { name: 'Make a new token' }).click();
  await question.getByRole('button', { name: 'Make a new token' }).click();
  await expect(page.getByText('A new token is in use.')).toBeVisible();
  const second = await controlFile(app);
  expect(await statusFor(first, first.token)).toBe(401);
  expect(await statusFor(second, second.token)).toBe(200);

  await theSwitch(page).click();
  await expect(page.getByText('Off: no program can use Tallylight.')).toBeVisible();
  await expect(fetch(`http://127.0.0.1:${second.port}/health`)).rejects.toThrow();
});

test('a port that another program has is told with what helps, and a free one puts it right', async () => {
  const { page } = await openAutomation();
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  try {
    await theSwitch(page).click();
    const port = page.getByLabel('Port', { exact: true });
    await port.fill(String((other.address() as AddressInfo).port));
    await port.press('Enter');
    await expect(page.getByRole('alert')).toContainText('another program has it');
    await expect(page.getByRole('button', { name: 'Copy token' })).toBeHidden();

    await page.getByRole('button', { name: 'Choose another port' }).click();
    await expect(port).toBeFocused();
    await port.fill('70000');
    await expect(page.getByRole('alert').filter({ hasText: 'from 0 to 65535' })).toBeVisible();
    await port.fill('0');
    await port.press('Enter');
    await expect(page.getByText(/^On at http/)).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  } finally {
    other.close();
  }
});

test('what --control-port turned on is said and cannot be changed in the settings', async () => {
  const { page } = await openAutomation({ args: ['--control-port=0'] });
  await expect(page.getByText('Turned on for this run by --control-port.')).toBeVisible();
  await expect(theSwitch(page)).toBeChecked();
  await expect(theSwitch(page)).toBeDisabled();
  await expect(page.getByLabel('Port', { exact: true })).not.toBeEditable();
  await expect(page.getByText('Set by --control-port.')).toHaveCount(2);
});
