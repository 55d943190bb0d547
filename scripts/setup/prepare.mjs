import { delimiter } from 'node:path';
import { ensureCeph, hasCeph } from './ceph.mjs';
import { ensureElectron, findElectron } from './electron-binary.mjs';
import { exclusively } from './exclusive.mjs';
import { ensureXvfb, hasDisplay, hasXvfb } from './display.mjs';
import { ensureFfmpeg, ensureFfprobe, findFfmpeg, hasFfprobe } from './ffmpeg.mjs';
import { ensureNode24, findNode24 } from './node24.mjs';
import { ensureNodeModules, nodeModulesInPlace } from './node-modules.mjs';
import { localBinFolder } from './paths.mjs';
import { say } from './say.mjs';

/**
 * Puts in place what a command needs (node_modules and Node 24 always; `electron`, `ffmpeg`, `ffprobe`, `ceph`,
 * `display` on demand) and answers with where it is and the environment to run under. Quick and without locks when all is there.
 */
export async function prepare(needs) {
  const startedAtMs = performance.now();
  const found = (await findAll(needs)) ?? (await exclusively('setup', () => ensureAll(needs)));
  const parts = [
    `Node ${found.node.version}`,
    ...(found.electron ? [`Electron ${found.electron.version}${isCopy(found) ? ' (development copy)' : ''}`] : []),
    ...(found.ffmpeg ? [`FFmpeg ${found.ffmpeg.version}`] : []),
  ];
  say(`${parts.join(', ')}: in place (${((performance.now() - startedAtMs) / 1000).toFixed(1)} s)`);
  const env = { ...process.env, PATH: [localBinFolder, process.env.PATH].filter(Boolean).join(delimiter) };
  // Also for Electron's own download: whoever launches the app looks in one place.
  if (found.electron) env.ELECTRON_OVERRIDE_DIST_PATH = found.electron.folder;
  // Would turn Electron into plain Node.
  delete env.ELECTRON_RUN_AS_NODE;
  return { ...found, env };
}

const isCopy = ({ electron }) => electron?.origin === 'development-copy';

/** Everything that is needed, or undefined when anything is missing. */
async function findAll(needs) {
  if (!(await nodeModulesInPlace())) return undefined;
  const [node, electron, ffmpeg, ffprobe, ceph, display] = await Promise.all([
    findNode24(),
    needs.electron ? findElectron() : undefined,
    needs.ffmpeg ? findFfmpeg() : undefined,
    needs.ffprobe ? hasFfprobe() : true,
    needs.ceph ? hasCeph() : true,
    needs.display && !hasDisplay() ? hasXvfb() : true,
  ]);
  const complete = node && ffprobe && ceph && display && (electron || !needs.electron) && (ffmpeg || !needs.ffmpeg);
  return complete ? { node, electron, ffmpeg } : undefined;
}

async function ensureAll(needs) {
  await ensureNodeModules();
  const node = await ensureNode24();
  const electron = needs.electron ? await ensureElectron(node.path) : undefined;
  const ffmpeg = needs.ffmpeg ? await ensureFfmpeg() : undefined;
  if (needs.ffprobe) await ensureFfprobe();
  if (needs.ceph) await ensureCeph();
  if (needs.display && !hasDisplay()) await ensureXvfb();
  return { node, electron, ffmpeg };
}
