import { readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, repositoryRoot } from './paths.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

const downloadLimitMs = 10 * 60_000;
const probeLimitMs = 8_000;
const refusalLastsMs = 24 * 60 * 60_000;
const refusalPath = join(cacheFolder, 'electron-download-refused.json');
const electronFolder = join(repositoryRoot, 'node_modules', 'electron');

/** The folder into which the npm package `electron` puts its own download. */
export const officialFolder = join(electronFolder, 'dist');

/** The version of Electron that package.json pins. */
export async function pinnedVersion() {
  return JSON.parse(await readFile(join(electronFolder, 'package.json'), 'utf8')).version;
}

/** Whether this version's download was refused during the last day: then it is not tried again at each start. */
export async function downloadRefusedLately(nowMs = Date.now()) {
  try {
    const note = JSON.parse(await readFile(refusalPath, 'utf8'));
    const ageMs = nowMs - note.atMs;
    return note.version === (await pinnedVersion()) && ageMs >= 0 && ageMs < refusalLastsMs;
  } catch {
    return false;
  }
}

/** Lets the npm package `electron` download and verify its binary; a failure is said and remembered. */
export async function downloadElectron(nodePath) {
  const version = await pinnedVersion();
  say(`downloading Electron ${version} from its own host`);
  const refusal = (await probe(version)) ?? (await download(nodePath));
  await mkdir(cacheFolder, { recursive: true });
  if (refusal === undefined) {
    await rm(refusalPath, { force: true });
    return;
  }
  await writeFile(refusalPath, `${JSON.stringify({ version, atMs: Date.now(), refusal })}\n`);
  say(`that failed (${refusal}); it is tried again in a day, or by: node_modules/.bin/install-electron --no`);
}

async function download(nodePath) {
  const { code, stderr } = await run(nodePath, [join(electronFolder, 'install.js')], { timeoutMs: downloadLimitMs });
  if (code === 0) return undefined;
  return code === 124 ? 'it took longer than 10 minutes' : (stderr.trim().split('\n')[0] ?? `code ${code}`);
}

/** Why the host cannot be reached, found out in seconds; a mirror or proxy is left to Electron's own downloader. */
async function probe(version) {
  const own = ['ELECTRON_MIRROR', 'npm_config_electron_mirror', 'NPM_CONFIG_ELECTRON_MIRROR'];
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
  if ([...own, ...proxies].some((name) => process.env[name])) return undefined;
  try {
    const url = `https://github.com/electron/electron/releases/download/v${version}/SHASUMS256.txt`;
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(probeLimitMs) });
    return response.ok ? undefined : `github.com answered ${response.status}`;
  } catch (error) {
    return `github.com cannot be reached: ${error.cause?.code ?? error.name}`;
  }
}
