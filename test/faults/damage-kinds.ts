import { cp, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Where damage is done: a journal, another recording's journal, and the library. */
export type DamageTarget = { journal: string; otherJournal: string; library: string };

/** One way to damage a profile. `newer` ones make a file of a later version, which must be left as it is. */
export type DamageKind = {
  name: string;
  newer: boolean;
  apply: (target: DamageTarget, random: () => number) => Promise<void>;
};

type Edit = (bytes: Buffer, random: () => number, other: Buffer) => Buffer;
type Line = string;

const place = (bytes: Buffer, random: () => number): number => Math.floor(random() * bytes.length);

const flip = (bytes: Buffer, at: number, random: () => number): void => {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
};

const byLines =
  (edit: (lines: Line[], random: () => number, other: Line[]) => Line[]): Edit =>
  (bytes, random, other) => {
    const linesOf = (text: Buffer): Line[] => text.toString('latin1').split('\n').slice(0, -1);
    return Buffer.from(`${edit(linesOf(bytes), random, linesOf(other)).join('\n')}\n`, 'latin1');
  };

const garbage = (sizeBytes: number, random: () => number): Buffer =>
  Buffer.from(Uint8Array.from({ length: sizeBytes }, () => Math.floor(random() * 256)));

const signedLine = (json: string): Line => `["${crc32(json).toString(16).padStart(8, '0')}",${json}]`;

/** What can happen to the bytes of any file. */
const edits: Record<string, Edit> = {
  'one bit flipped': (bytes, random) => {
    flip(bytes, place(bytes, random), random);
    return bytes;
  },
  'many bits flipped': (bytes, random) => {
    for (let n = 0; n < 30; n += 1) flip(bytes, place(bytes, random), random);
    return bytes;
  },
  'cut off': (bytes, random) => bytes.subarray(0, place(bytes, random)),
  empty: () => Buffer.alloc(0),
  'zeros in the middle': (bytes, random) => {
    const at = place(bytes, random);
    return bytes.fill(0, at, Math.min(bytes.length, at + 4096));
  },
  'all zeros': (bytes) => bytes.fill(0),
  garbage: (bytes, random) => garbage(bytes.length, random),
  'garbage at the end': (bytes, random) => Buffer.concat([bytes, garbage(300, random)]),
  'garbage at the beginning': (bytes, random) => Buffer.concat([garbage(300, random), bytes]),
};

/** What can happen to a journal, being lines. */
const lineEdits: Record<string, Edit> = {
  'two lines swapped': byLines((lines, random) => {
    const [a, b] = [Math.floor(random() * lines.length), Math.floor(random() * lines.length)];
    return lines.map((line, index) => (index === a ? (lines[b] ?? line) : index === b ? (lines[a] ?? line) : line));
  }),
  'first line destroyed': byLines((lines, random) => {
    const bytes = Buffer.from(lines[0] ?? '', 'latin1');
    flip(bytes, place(bytes, random), random);
    return [bytes.toString('latin1'), ...lines.slice(1)];
  }),
  'first line gone': byLines((lines) => lines.slice(1)),
  'a line gone': byLines((lines, random) => lines.toSpliced(Math.floor(random() * lines.length), 1)),
  'a line twice': byLines((lines, random) => {
    const at = Math.floor(random() * lines.length);
    return lines.toSpliced(at, 0, lines[at] ?? '');
  }),
  'a line that is none': byLines((lines, random) =>
    lines.toSpliced(Math.floor(random() * lines.length), 0, '{"kind":"x"'),
  ),
  'line ends of another system': byLines((lines) => lines.map((line) => `${line}\r`)),
  'lines of another recording at the end': byLines((lines, _random, other) => [...lines, ...other]),
  'lines of another recording only': byLines((_lines, _random, other) => other),
};

const newerEdits: Record<string, Edit> = {
  'a record of a later version': byLines((lines) => [...lines, signedLine('{"kind":"teleported","version":2}')]),
};

/** What can happen to a file's name. */
const swaps: Record<string, (path: string, target: DamageTarget) => Promise<void>> = {
  gone: (path) => rm(path),
  'a folder': async (path) => {
    await rm(path);
    await mkdir(path);
    await writeFile(join(path, 'x'), 'x');
  },
  'a link to nothing': async (path) => {
    await rm(path);
    await symlink('/nowhere/at/all', path);
  },
  'a link to another journal': async (path, { otherJournal }) => {
    await rm(path);
    await symlink(otherJournal, path);
  },
};

const libraryTexts: Record<string, string> = {
  'of an earlier version': '{"schema":0,"rows":[]}',
  'with rows that are none': '{"schema":1,"folders":{"/nowhere":[{"recording":7}]}}',
  'with nothing in it': '{"schema":1,"folders":{}}',
  'another JSON': '[1,2,3]',
};

async function edit(path: string, change: Edit, random: () => number, other: string): Promise<void> {
  await writeFile(path, change(await readFile(path), random, await readFile(other)));
}

/** Every kind of damage. */
export const damageKinds: readonly DamageKind[] = [
  ...Object.entries({ ...edits, ...lineEdits }).map(([name, change]) => ({
    name: `journal: ${name}`,
    newer: false,
    apply: ({ journal, otherJournal }: DamageTarget, random: () => number) =>
      edit(journal, change, random, otherJournal),
  })),
  ...Object.entries(newerEdits).map(([name, change]) => ({
    name: `journal: ${name}`,
    newer: true,
    apply: ({ journal, otherJournal }: DamageTarget, random: () => number) =>
      edit(journal, change, random, otherJournal),
  })),
  ...Object.entries(swaps).map(([name, swap]) => ({
    name: `journal: ${name}`,
    newer: false,
    apply: (target: DamageTarget) => swap(target.journal, target),
  })),
  ...Object.entries(edits).map(([name, change]) => ({
    name: `library: ${name}`,
    newer: false,
    apply: ({ library }: DamageTarget, random: () => number) => edit(library, change, random, library),
  })),
  ...Object.entries(swaps).map(([name, swap]) => ({
    name: `library: ${name}`,
    newer: false,
    apply: (target: DamageTarget) => swap(target.library, target),
  })),
  ...Object.entries(libraryTexts).map(([name, text]) => ({
    name: `library: ${name}`,
    newer: false,
    apply: ({ library }: DamageTarget) => writeFile(library, text),
  })),
  {
    name: 'library: and its previous copy cut off',
    newer: false,
    apply: async ({ library }, random) => {
      await cp(library, `${library}.previous`);
      for (const path of [library, `${library}.previous`]) {
        await truncate(path, place(await readFile(path), random));
      }
    },
  },
  {
    name: 'library and journal: one bit flipped in each, library cut off',
    newer: false,
    apply: async ({ journal, library }, random) => {
      await edit(journal, edits['one bit flipped'] ?? ((bytes) => bytes), random, journal);
      await edit(library, edits['cut off'] ?? ((bytes) => bytes), random, library);
    },
  },
];
