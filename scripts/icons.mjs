import { mkdir, readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { icnsOf, icoOf } from './icon-files.mjs';
import { installWithApt } from './setup/apt.mjs';
import { runCommand } from './setup/command.mjs';
import { repositoryRoot } from './setup/paths.mjs';
import { run } from './setup/run.mjs';
import { say } from './setup/say.mjs';
import { SetupError } from './setup/setup-error.mjs';

const help = `
node scripts/icons.mjs
Draws resources/icon.svg into what the systems want: resources/icon.png (the window), resources/icons/ (Linux),
resources/icon.icns (macOS), resources/icon.ico (Windows). The same drawing gives the same files.`;

const source = join(repositoryRoot, 'resources', 'icon.svg');
/** https://specifications.freedesktop.org/icon-theme-spec/latest/: the sizes that desktops look for. */
const linuxPixels = [16, 24, 32, 48, 64, 128, 256, 512];
const allPixels = [...linuxPixels, 1024];

await runCommand(help, async () => {
  await ensureRsvg();
  const draft = await mkdtemp(join(tmpdir(), 'tallylight-icons-'));
  try {
    const pictures = new Map();
    for (const pixels of allPixels) pictures.set(pixels, await draw(pixels, join(draft, `${pixels}.png`)));
    const resources = join(repositoryRoot, 'resources');
    await mkdir(join(resources, 'icons'), { recursive: true });
    for (const pixels of linuxPixels) {
      await writeFile(join(resources, 'icons', `${pixels}x${pixels}.png`), pictures.get(pixels));
    }
    await writeFile(join(resources, 'icon.png'), pictures.get(512));
    await writeFile(join(resources, 'icon.icns'), icnsOf(pictures));
    await writeFile(join(resources, 'icon.ico'), icoOf(pictures));
    say('the icons are drawn');
    return 0;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
});

async function ensureRsvg() {
  const there = async () => (await run('rsvg-convert', ['--version'], { timeoutMs: 10_000 })).code === 0;
  if (await there()) return;
  await installWithApt(['librsvg2-bin'], 'drawing the icon');
  if (!(await there())) throw new SetupError('rsvg-convert does not start', 'apt-get install -y librsvg2-bin');
}

async function draw(pixels, path) {
  const size = String(pixels);
  const { code, stderr } = await run('rsvg-convert', ['-w', size, '-h', size, '-o', path, source], {
    timeoutMs: 30_000,
  });
  if (code !== 0) throw new SetupError(`the icon could not be drawn: ${stderr.trim()}`, 'node scripts/icons.mjs');
  return await readFile(path);
}
