/**
 * What each system packages for people, and how electron-builder is told. "dir" is the app in a folder: to try, and to hand
 * to the other targets.
 */
const systems = {
  linux: { name: 'Linux', flag: '--linux', forPeople: ['AppImage', 'deb'], folder: 'linux' },
  darwin: { name: 'macOS', flag: '--mac', forPeople: ['dmg', 'zip'], folder: 'mac' },
  win32: { name: 'Windows', flag: '--win', forPeople: ['nsis'], folder: 'win' },
};

const copyReason =
  'a release is made only with the Electron that its makers publish, and here is another copy of it, for development and tests';

/**
 * Which targets a packaging run makes. Without arguments: all of this system that the Electron at hand may be used for. A
 * target that people install is refused when it was asked for and the Electron is the development copy.
 */
export function planTargets(args, { electronOrigin, platform }) {
  const system = systems[platform];
  if (system === undefined) {
    return { kind: 'refused', message: `nothing is packaged on ${platform}`, remedy: 'npm run dist -- --help' };
  }
  const asked = askedTargets(args, system);
  if (asked === undefined) {
    return { kind: 'refused', message: `not understood here: ${args.join(' ')}`, remedy: 'npm run dist -- --help' };
  }
  const official = electronOrigin === 'official';
  if (!official && asked.byName && asked.targets.some((target) => target !== 'dir')) {
    return { kind: 'refused', message: copyReason, remedy: 'node_modules/.bin/install-electron --no' };
  }
  const targets = official || asked.byName ? asked.targets : ['dir'];
  const here = ['dir', ...system.forPeople]
    .filter((target) => !targets.includes(target))
    .map((target) => ({
      target,
      reason: asked.targets.includes(target) ? copyReason : 'it was not asked for',
    }));
  const elsewhere = Object.values(systems)
    .filter((other) => other !== system)
    .map((other) => ({
      target: `${other.name} (${other.forPeople.join(', ')})`,
      reason: `it is made on ${other.name}`,
    }));
  return { kind: 'make', flag: system.flag, targets, skipped: [...here, ...elsewhere] };
}

/** The targets that the arguments name; undefined when they cannot be understood. */
function askedTargets(args, { forPeople }) {
  const all = ['dir', ...forPeople];
  const [option, value, ...rest] = args;
  if (option === undefined) return { targets: all, byName: false };
  if (option === '--release') return args.length === 1 ? { targets: all, byName: true } : undefined;
  if (option !== '--target' || value === undefined || rest.length > 0) return undefined;
  const targets = value.split(',');
  return targets.every((target) => all.includes(target)) ? { targets, byName: true } : undefined;
}

const endings = { AppImage: '.AppImage', deb: '.deb', dmg: '.dmg', zip: '.zip', nsis: '.exe' };

/**
 * What a target left in the output folder: the entries (name, `isFolder`, `changedAtMs`) that are of this target and not older
 * than the run.
 */
export function artifactsOf(target, platform, entries, startedAtMs) {
  const folder = systems[platform].folder;
  const isOf = ({ name, isFolder }) =>
    target === 'dir'
      ? isFolder && (name === folder || name.startsWith(`${folder}-`))
      : !isFolder && name.endsWith(endings[target]);
  return entries.filter((entry) => isOf(entry) && entry.changedAtMs >= startedAtMs).map(({ name }) => name);
}

/** Why electron-builder could not get a tool that it downloads, in its own words; undefined when it failed otherwise. */
export function downloadFailure(output) {
  return /(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|HTTPError|status code [45]\d\d)[^\n]{0,60}/
    .exec(output)?.[0]
    .split(' failedTask')[0];
}
