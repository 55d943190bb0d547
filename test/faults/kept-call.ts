import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileFormat, Recording } from '../../contract/recording.ts';
import { press, waitForEvent } from '../../scripts/demo/drive.ts';
import { acknowledgedMissing, keepAcknowledged } from './acked-chunks.ts';
import { openRealCall, type RealCall } from './real-call.ts';
import { faultsOfSaved } from './saved-recording.ts';

const SAVED_LIMIT_MS = 60_000;
const ERROR_LEVEL = 50;

/** A call of real apps, and the folder with a copy of every chunk that the host's app acknowledged. */
export type KeptCall = RealCall & { acknowledged: string };

/** Opens such a call in a folder, with Chromium's own moving picture and beep. */
export async function openKeptCall(folder: string, format: FileFormat): Promise<KeptCall> {
  const acknowledged = join(folder, 'acknowledged');
  const call = await openRealCall({
    folder,
    format,
    devices: null,
    beforeRecording: async ([host]) => {
      if (host !== undefined) await keepAcknowledged(host, acknowledged);
    },
  });
  return { ...call, acknowledged };
}

/** Stops recording, and says what is wrong with what was saved, what of the acknowledged is missing, and which errors were logged. */
export async function finishKeptCall({
  host,
  acknowledged,
}: KeptCall): Promise<{ recording: Recording; acknowledgedFrames: number; faults: string[] }> {
  await press(host.page, 'Stop recording');
  const { recording } = (await waitForEvent(host.page, 'recordingCompleted', SAVED_LIMIT_MS)).event;
  const { frames, missing } = await acknowledgedMissing(recording, acknowledged);
  const faults = [
    ...(await faultsOfSaved(recording)).map((fault) => `the recording: ${fault}`),
    ...missing,
    ...(await errorsLogged(host.profile)).map((line) => `logged: ${line}`),
  ];
  return { recording, acknowledgedFrames: frames, faults };
}

/** Lines of an app's log that tell of an error. */
async function errorsLogged(profile: string): Promise<string[]> {
  const text = await readFile(join(profile, 'logs', 'main.log'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => {
    const level = /"level":(\d+)/.exec(line)?.[1];
    return level !== undefined && Number(level) >= ERROR_LEVEL;
  });
}
