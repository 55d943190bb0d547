import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestInput, RequestName, RequestOutput } from '../../contract/requests.ts';
import type { FileFormat, Recording } from '../../contract/recording.ts';
import type { Result } from '../../contract/errors.ts';
import { joinCall, press, startCall, waitForEvent, waitForTally, watchRecordings } from '../../scripts/demo/drive.ts';
import { launchPerson, type Person } from '../../scripts/demo/person.ts';
import type { CountedDevices } from '../support/counted-media.ts';

/** Real apps in one call, their host recording. */
export type RealCall = {
  host: Person;
  guest: Person;
  recording: Recording;
  /** When the recording's clock stood at zero: milliseconds since 1970. */
  zeroMs: number;
  /** Ends the apps that still run and removes their profiles. */
  end(): Promise<void>;
};

export type RealCallOptions = {
  /** Folder for all that the call leaves behind: profiles and recordings. */
  folder: string;
  format: FileFormat;
  /** Null for Chromium's own moving picture and beep. */
  devices: CountedDevices | null;
  /** Further arguments of the apps. */
  args?: readonly string[];
  /** Runs in the call, before Record. */
  beforeRecording?: (people: readonly Person[]) => Promise<void>;
};

/** Brings a host and a guest together and presses Record; resolves when both lamps say that bytes are on the disk. */
export async function openRealCall(options: RealCallOptions): Promise<RealCall> {
  const { folder, format, devices } = options;
  const recordings = join(folder, 'recordings');
  await mkdir(recordings, { recursive: true });
  const people: Person[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(people.map((person) => person.close({ keepProfile: false })));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const launch = async (name: string, index: number): Promise<Person> => {
    const person = await launchPerson({
      args: options.args ?? [],
      name,
      settings: {
        // One app to a folder: a guest that looks into the host's would take it over when the host is killed.
        recordingsFolder: index === 0 ? recordings : join(folder, `recordings-of-${name}`),
        format,
        signalingListenHost: '127.0.0.1',
      },
      video: devices?.videos[index] ?? null,
      audio: devices?.audios[index] ?? null,
    });
    people.push(person);
    return person;
  };
  try {
    const host = await launch('Ada', 0);
    const guest = await launch('Ben', 1);
    await joinCall(guest, await startCall(host));
    await options.beforeRecording?.(people);
    await watchRecordings(host.page);
    await press(host.page, 'Record');
    const { recording } = (await waitForEvent(host.page, 'recordingStarted', 15_000)).event;
    for (const { page } of people) await waitForTally(page);
    return { host, guest, recording, zeroMs: Date.parse(recording.startedAt), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * Asks the app for something from inside its window. It goes through the main process: Playwright cannot use a page any more
 * whose process was killed, and a page that is being loaded again answers when it is there.
 */
export async function ask<N extends RequestName>(
  { app }: Pick<Person, 'app'>,
  name: N,
  input: RequestInput<N>,
): Promise<RequestOutput<N>> {
  const code = `window.tallylight.request(${JSON.stringify(name)}, ${JSON.stringify(input)})`;
  const result = (await app.evaluate(
    ({ BrowserWindow }, script) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(script) as unknown,
    code,
  )) as Result<RequestOutput<N>>;
  if (!result.ok) throw new Error(`${name}: ${result.error.code} ${result.error.message}`);
  return result.value;
}

/** The recording as its app knows it now. */
export async function recordingOf(person: Pick<Person, 'app'>, id: Recording['id']): Promise<Recording> {
  return ask(person, 'recording.get', { recordingId: id });
}
