import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const resources = join(import.meta.dirname, '..', '..', 'resources');
const pngHead = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Width and height of a PNG, by its first chunk. */
function sizeOf(png: Buffer): [number, number] {
  expect(png.subarray(0, 8)).toEqual(pngHead);
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

test('the icons for Linux have the sizes that their names say', async () => {
  const names = await readdir(join(resources, 'icons'));
  expect(names.length).toBe(8);
  for (const name of names) {
    const [width = 0, height = 0] = name.replace('.png', '').split('x').map(Number);
    expect(sizeOf(await readFile(join(resources, 'icons', name)))).toEqual([width, height]);
  }
});

test('the icon file for macOS holds a picture for every size up to 1024', async () => {
  const file = await readFile(join(resources, 'icon.icns'));
  expect(file.toString('latin1', 0, 4)).toBe('icns');
  expect(file.readUInt32BE(4)).toBe(file.length);
  const widths: number[] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) widths.push(sizeOf(file.subarray(at + 8))[0]);
  expect(widths).toEqual([16, 32, 64, 128, 256, 512, 32, 64, 256, 512, 1024]);
});

test('the icon file for Windows holds pictures whose sizes are those of its list', async () => {
  const file = await readFile(join(resources, 'icon.ico'));
  expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
  const widths = Array.from({ length: file.readUInt16LE(4) }, (_each, index) => {
    const at = 6 + 16 * index;
    const [width, height] = sizeOf(file.subarray(file.readUInt32LE(at + 12)));
    expect([file.readUInt8(at), file.readUInt8(at + 1)]).toEqual([width % 256, height % 256]);
    return width;
  });
  expect(widths).toEqual([16, 24, 32, 48, 64, 128, 256]);
});
