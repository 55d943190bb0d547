import { expect, test } from 'vitest';
import { parsePolicy } from '../../scripts/setup/apt.mjs';
import { missingSonames, packageNames, packagesFor } from '../../scripts/setup/library-packages.mjs';

const ldd = `	linux-vdso.so.1 (0x00007ffe)
	libffmpeg.so => /app/libffmpeg.so (0x00007f)
	libasound.so.2 => not found
	libnss3.so => not found
	libnssutil3.so => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
`;

test('only the libraries that ldd cannot find are missing', () => {
  expect(missingSonames(ldd)).toEqual(['libasound.so.2', 'libnss3.so', 'libnssutil3.so']);
  expect(missingSonames('')).toEqual([]);
});

test('on Debian 12 the plain package names are installed, each once', () => {
  const available = new Set(['libasound2', 'libnss3']);
  expect(packagesFor(missingSonames(ldd), available)).toEqual({ packages: ['libasound2', 'libnss3'], unknown: [] });
});

test('where both names are offered the t64 package wins', () => {
  const available = new Set(['libasound2', 'libasound2t64', 'libnss3']);
  expect(packagesFor(['libasound.so.2', 'libnss3.so'], available).packages).toEqual(['libasound2t64', 'libnss3']);
});

test('without any package lists the Debian 12 name is still named', () => {
  expect(packagesFor(['libgtk-3.so.0'], new Set()).packages).toEqual(['libgtk-3-0']);
});

test('a library that no package is known for is reported, not dropped', () => {
  expect(packagesFor(['libstrange.so.9'], new Set())).toEqual({ packages: [], unknown: ['libstrange.so.9'] });
});

test('apt is asked about the names of every release', () => {
  expect(packageNames(['libasound.so.2', 'libstrange.so.9'])).toEqual(['libasound2', 'libasound2t64']);
});

test('a package counts as installable only with a candidate', () => {
  const policy = `libasound2:
  Installed: (none)
  Candidate: (none)
libasound2t64:
  Installed: (none)
  Candidate: 1.2.11-1
  Version table:
     1.2.11-1 500
`;
  expect(parsePolicy(policy)).toEqual(new Set(['libasound2t64']));
});
