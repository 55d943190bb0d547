import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { developmentCopyFolder, developmentCopyVerified, fetchDevelopmentCopy } from './development-copy.mjs';
import { downloadElectron, downloadRefusedLately, officialFolder, pinnedVersion } from './electron-download.mjs';
import { planElectron } from './electron-plan.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';
import { ensureLibraries } from './system-libraries.mjs';

const programs = {
  darwin: join('Electron.app', 'Contents', 'MacOS', 'Electron'),
  win32: 'electron.exe',
};

/** An Electron that is there and starts, without fetching or installing anything; undefined when there is none. */
export async function findElectron() {
  const refused = await downloadRefusedLately();
  const plan = planElectron(await gather({ refused, mend: false }));
  return plan.kind === 'use' ? describe(plan.origin) : undefined;
}

/** Finds, downloads or fetches an Electron that starts, with the shared libraries it needs. */
export async function ensureElectron(nodePath) {
  let downloadTried = false;
  let copyTried = false;
  for (;;) {
    const refused = await downloadRefusedLately();
    const plan = planElectron(await gather({ refused, downloadTried, copyTried, mend: true }));
    switch (plan.kind) {
      case 'use':
        return describe(plan.origin);
      case 'download':
        downloadTried = true;
        await downloadElectron(nodePath);
        break;
      case 'fetch-copy':
        copyTried = true;
        await fetchDevelopmentCopy();
        break;
      case 'impossible':
        throw new SetupError(
          `there is no Electron that starts on ${platformName()}, and its download was refused`,
          'node_modules/.bin/install-electron --no',
        );
      default:
        throw new Error(`not a plan: ${JSON.stringify(plan)}`);
    }
  }
}

const platformName = () => `${process.platform}-${process.arch}`;
const overrideFolder = () => process.env.ELECTRON_OVERRIDE_DIST_PATH;

async function gather({ mend, ...tried }) {
  const override = overrideFolder() ? await stateOf(overrideFolder(), mend) : 'absent';
  if (override === 'broken' || (override === 'absent' && overrideFolder())) {
    say(`ELECTRON_OVERRIDE_DIST_PATH names ${overrideFolder()}, where no Electron starts: looking elsewhere`);
  }
  const official = (await officialIsComplete()) ? await stateOf(officialFolder, mend) : 'absent';
  const copy = (await developmentCopyVerified()) ? await stateOf(developmentCopyFolder, mend) : 'absent';
  return { override, official, copy, platform: platformName(), ...tried };
}

/** The npm package writes path.txt after unpacking: without it, or with another version, the folder is half a one. */
async function officialIsComplete() {
  try {
    const version = (await readFile(join(officialFolder, 'version'), 'utf8')).trim().replace(/^v/, '');
    await access(join(officialFolder, '..', 'path.txt'));
    return version === (await pinnedVersion());
  } catch {
    return false;
  }
}

async function stateOf(folder, mend) {
  const program = programIn(folder);
  try {
    await access(program);
  } catch {
    return 'absent';
  }
  if (await versionOf(program)) return 'works';
  if (mend && (await ensureLibraries(program)) && (await versionOf(program))) return 'works';
  return 'broken';
}

const programIn = (folder) => join(folder, programs[process.platform] ?? 'electron');

/** Starting it as Node loads every linked library and opens no window. */
async function versionOf(program) {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { code, stdout } = await run(program, ['-p', 'process.versions.electron'], { env, timeoutMs: 20_000 });
  return code === 0 ? stdout.trim() : undefined;
}

async function describe(origin) {
  const folders = { override: overrideFolder(), official: officialFolder, 'development-copy': developmentCopyFolder };
  // A folder that was named by hand may well be the copy: a release must know.
  const isCopy = folders[origin] === developmentCopyFolder;
  const path = programIn(folders[origin]);
  return {
    origin: isCopy ? 'development-copy' : origin,
    folder: folders[origin],
    path,
    version: await versionOf(path),
  };
}
