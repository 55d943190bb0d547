import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A secret that is planted, and must be found nowhere: its name, and the pieces of it that no other thing has. */
export type Canary = { name: string; pieces: readonly string[] };

/** Where a canary was found, in which spelling. */
export type Hit = { canary: string; spelling: string; where: string };

/** A canary of signs that URLs, JSON and shells all change, so that its spellings differ. */
export function makeCanary(name: string): { value: string; canary: Canary } {
  const value = `Canary/${randomBytes(9).toString('hex')}+"${randomBytes(9).toString('hex')}\\=&end`;
  return { value, canary: { name, pieces: [value] } };
}

/** A value that somebody else chose, as a canary. */
export const canaryOf = (name: string, value: string): Canary => ({ name, pieces: [value] });

/** The JSON file of a service account with a real private key; every line of the key is looked for. */
export function makeServiceAccount(name: string): { json: string; pem: string; canary: Canary } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const json = JSON.stringify({
    type: 'service_account',
    project_id: 'canaries',
    client_email: 'canary@example.com',
    private_key: pem,
  });
  // The first line is nearly the same in every key, the last may be a few signs long.
  const lines = pem.split('\n').filter((line) => !line.startsWith('-----'));
  return { json, pem, canary: { name, pieces: lines.slice(1).filter((line) => line.length === 64) } };
}

/** The part of a base64 text that is the same whatever stands around the piece, for each of the three ways it can lie. */
function base64Cores(piece: string): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(piece)])
      .toString('base64')
      .replace(/=+$/, '');
    const bytes = before + Buffer.byteLength(piece);
    const first = before === 0 ? 0 : 4;
    return text.slice(first, Math.floor(bytes / 3) * 4);
  });
}

/** Every spelling in which a secret may lie around. */
function spellingsOf(piece: string): [string, string][] {
  const json = JSON.stringify(piece).slice(1, -1);
  const plain: [string, string][] = [
    ['plain', piece],
    ['in JSON', json],
    ['in JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['in a URL', encodeURIComponent(piece)],
    ['in a URL, lower case', encodeURIComponent(piece).replaceAll(/%[0-9A-F]{2}/g, (each) => each.toLowerCase())],
    ['in a form', new URLSearchParams({ x: piece }).toString().slice(2)],
    ['in hex', Buffer.from(piece).toString('hex')],
    ...base64Cores(piece).flatMap((core): [string, string][] => [
      ['in base64', core],
      ['in base64url', core.replaceAll('+', '-').replaceAll('/', '_')],
    ]),
  ];
  // Chromium keeps some texts with two bytes a sign.
  const wide = plain.map(([name, text]): [string, string] => [
    `${name}, UTF-16`,
    Buffer.from(text, 'utf16le').toString('latin1'),
  ]);
  return [...plain, ...wide];
}

/** Searches for canaries in texts, folders and processes. */
export type CanarySearch = {
  inText: (text: string, where: string) => Hit[];
  /** Anything that crosses a boundary: an answer, an event. */
  inValue: (value: unknown, where: string) => Hit[];
  /** Every file below a folder, and its name; `skip` names files of which only the name is looked at. */
  inFolder: (folder: string, skip?: (path: string) => boolean) => Promise<{ hits: Hit[]; files: number }>;
};

/** Prepares a search. */
export function searchFor(canaries: readonly Canary[]): CanarySearch {
  const wanted = canaries.flatMap(({ name, pieces }) =>
    pieces.flatMap((piece) => {
      if (piece.length < 6) throw new Error(`The canary ${name} is too short to be told from anything else.`);
      return spellingsOf(piece).map(([spelling, text]) => ({ canary: name, spelling, text }));
    }),
  );
  const inText = (text: string, where: string): Hit[] =>
    wanted.flatMap(({ canary, spelling, text: piece }) => (text.includes(piece) ? [{ canary, spelling, where }] : []));
  const inFolder: CanarySearch['inFolder'] = async (folder, skip = () => false) => {
    const found = { hits: [] as Hit[], files: 0 };
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      found.hits.push(...inText(entry.name, path));
      if (entry.isSymbolicLink()) {
        found.hits.push(...inText(await readlink(path), path));
      } else if (entry.isFile() && !skip(path)) {
        // One that was removed meanwhile holds nothing any more.
        const bytes = await readFile(path).catch(() => Buffer.alloc(0));
        found.files += 1;
        found.hits.push(...inText(bytes.toString('latin1'), path));
      }
    }
    return found;
  };
  return { inText, inValue: (value, where) => inText(JSON.stringify(value) ?? '', where), inFolder };
}
