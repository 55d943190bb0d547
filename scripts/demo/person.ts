import type { SettingsPatch } from '../../contract/settings.ts';
import { launchApp, type LaunchedApp } from './app-process.ts';

export type PersonOptions = {
  name: string;
  /** Settings that differ from the defaults; written into the new profile before the app starts. */
  settings: SettingsPatch;
  /** Fake device files; null means Chromium's own moving picture and beep. */
  video: string | null;
  audio: string | null;
  /** Further arguments of the app. */
  args?: readonly string[];
};

/** One app process with a profile of its own, driven through its window. */
export type Person = LaunchedApp & { readonly name: string };

/** Starts the built app for one person and waits for its lobby. */
export async function launchPerson({ name, settings, video, audio, args = [] }: PersonOptions): Promise<Person> {
  const launched = await launchApp({
    settings: { displayName: name, ...settings },
    args: [
      ...(video === null ? [] : [`--use-file-for-fake-video-capture=${video}`]),
      ...(audio === null ? [] : [`--use-file-for-fake-audio-capture=${audio}`]),
      ...args,
    ],
  });
  await launched.page.locator('html[data-screen="lobby"]').waitFor({ timeout: 30_000 });
  return { ...launched, name };
}
