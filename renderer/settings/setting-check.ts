import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { settingsPatchSchema, type IceServer, type SettingsPatch } from '../../contract/settings.ts';

/** Settings whose value is typed and so can be wrong. */
export type TypedSetting =
  | 'displayName'
  | 'recordingsFolder'
  | 'signalingServer'
  | 'signalingListenHost'
  | 'ffmpegPath'
  | 'cloudBucket'
  | 'cloudRegion'
  | 'cloudPrefix'
  | 'cloudEndpoint'
  | 'cloudProfile';

const reasons: Record<TypedSetting, string> = {
  displayName: 'A name has at most 80 characters.',
  recordingsFolder: 'This path is too long.',
  signalingServer: 'An address begins with ws:// or wss:// and has no spaces, for example wss://calls.example.org.',
  signalingListenHost:
    'Give an address of this computer, for example 0.0.0.0 for all of them or 127.0.0.1 for none but itself.',
  ffmpegPath: 'This path is too long.',
  cloudBucket: 'The name of a bucket has at most 255 characters.',
  cloudRegion: 'A region has at most 64 characters, for example eu-central-1.',
  cloudPrefix: 'A prefix is words joined by /, for example calls/2026, without . or .. among them.',
  cloudEndpoint:
    'An address begins with https:// or http:// and ends with the host or its port, for example https://s3.example.org:9000.',
  cloudProfile: 'The name of a profile has at most 128 characters.',
};

export type Checked<T> = { ok: true; value: T } | { ok: false; reason: string };

/** Reads one typed setting; a refused value comes with the reason in words. */
export function checkSetting(name: TypedSetting, typed: string): Checked<SettingsPatch> {
  const parsed = parseUntrusted(settingsPatchSchema, { [name]: tidied(name, typed) });
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, reason: reasons[name] };
}

/** Spaces around anything, and slashes around a prefix, are typed by habit and mean nothing. */
function tidied(name: TypedSetting, typed: string): string {
  const text = typed.trim();
  return name === 'cloudPrefix' ? text.replaceAll(/^\/+|\/+$/gu, '') : text;
}

/** One ICE server as its row holds it. */
export type IceRow = { urls: string; username: string; credential: string };

/** A saved ICE server as a row. */
export function iceRow(server: IceServer): IceRow {
  return { urls: server.urls.join(' '), username: server.username ?? '', credential: server.credential ?? '' };
}

/** Reads one row; several addresses of the same server are separated by spaces or commas. */
export function checkIceRow(row: IceRow): Checked<IceServer> {
  const urls = row.urls.split(/[\s,]+/u).filter((url) => url !== '');
  if (urls.length === 0)
    return { ok: false, reason: 'Type the address of the server, for example stun:stun.example.org.' };
  const turn = urls.some((url) => url.startsWith('turn'));
  if (turn && (row.username === '' || row.credential === '')) {
    return { ok: false, reason: 'A TURN server needs a user name and a password.' };
  }
  const server: IceServer = {
    urls,
    ...(row.username === '' ? {} : { username: row.username }),
    ...(row.credential === '' ? {} : { credential: row.credential }),
  };
  return parseUntrusted(settingsPatchSchema, { iceServers: [server] }).success
    ? { ok: true, value: server }
    : { ok: false, reason: 'Each address begins with stun:, stuns:, turn: or turns:, and there are at most 8.' };
}
