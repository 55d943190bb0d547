/** Files that an attacker would like to reach, below a root that he does not name. */
const TARGETS = ['canary.txt', 'canary.webm', 'canary', 'etc/passwd', 'settings.json', 'journal.jsonl', ''];

/** `../` in every way of writing that some program somewhere took for it (OWASP, Path Traversal; CWE-22 to CWE-40). */
const STEPS = [
  '../',
  '..\\',
  '..//',
  '..././',
  '....//',
  '.../',
  './../',
  '%2e%2e/',
  '%2e%2e%2f',
  '%2E%2E%5C',
  '..%2f',
  '..%5c',
  '%252e%252e%252f',
  '%c0%ae%c0%ae/',
  '%c0%ae%c0%ae%c0%af',
  '%e0%80%ae%e0%80%ae%e0%80%af',
  '%uff0e%uff0e%u2215',
  '\uff0e\uff0e/',
  '\uff0e\uff0e\uff0f',
  '..\u2215',
  '..\u2044',
  '\u2025/',
  '..\u0000/',
  '..%00/',
  '.\u200b./',
  '..;/',
  '..\u00a0/',
  '..\t/',
  '..\n/',
  '\u202e../',
];

const DEVICES = ['CON', 'NUL', 'AUX', 'PRN', 'COM1', 'LPT1', 'nul.txt', 'con:', '/dev/zero', '/dev/stdin', '/dev/fd/0'];
const SYSTEM = ['/proc/self/environ', '/proc/self/mem', '/proc/self/root', '/proc/self/cwd', '/etc/passwd', '/', '//'];

/**
 * Payloads for a place where an id or a name of a file is asked for; `root` is the folder around the app's, and `names` are
 * there, but are not what is asked for (links, strange files). Nothing of it is an id that exists.
 */
export function traversalPayloads(root: string, names: readonly string[], validId: string): string[] {
  const payloads = new Set<string>(['', '.', '..', './', '../', '~', '~/', '.bin', '.bin/', '*', '?', '-', '--help']);
  for (const step of STEPS) {
    for (const depth of [1, 2, 3, 6]) {
      for (const target of TARGETS.slice(0, 4)) payloads.add(step.repeat(depth) + target);
    }
    payloads.add(`${validId}/${step}${validId}`);
    payloads.add(`${step}${validId}`);
    payloads.add(`${validId}${step}`);
    payloads.add(`deliverables/${step}journal.jsonl`);
  }
  for (const target of TARGETS) {
    for (const form of [
      `${root}/${target}`,
      `file://${root}/${target}`,
      `\\\\localhost\\c$\\${target}`,
      `\\\\?\\C:\\${target}`,
      `\\\\.\\${target}`,
      `//localhost/${target}`,
      `C:\\${target}`,
      `C:${target}`,
      `c:/${target}`,
      `/${target}`,
      `${target}\u0000`,
      `${target}\u0000${validId}`,
      `${target}%00.webm`,
      `${target}::$DATA`,
      `${target}.`,
      `${target} `,
      `./${target}`,
      `concat:${root}/${target}`,
      `subfile,,start,0,end,9,,:${root}/${target}`,
      `pipe:0`,
      `http://127.0.0.1:9/${target}`,
    ]) {
      payloads.add(form);
    }
  }
  for (const each of [...DEVICES, ...SYSTEM, ...names]) payloads.add(each);
  for (const each of names) payloads.add(`./${each}`).add(`${each}/`).add(`${each}/../${validId}`).add(`${each}\u0000`);
  payloads
    .add('../'.repeat(2_000))
    .add('a/'.repeat(2_000))
    .add(`${'a'.repeat(255)}/..`)
    .add('%2e'.repeat(1_000));
  // The form of an id, and nothing that exists.
  for (const each of [
    validId.toUpperCase(),
    ` ${validId}`,
    `${validId}\n`,
    `${validId}\u0000`,
    `${validId}.`,
    `${validId}%00`,
    `{${validId}}`,
    `urn:uuid:${validId}`,
    validId.replaceAll('-', ''),
    validId.replace(/^./, '%61'),
    validId.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    '0'.repeat(36),
    '-'.repeat(36),
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ...Array.from({ length: 20 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`),
  ]) {
    payloads.add(each);
  }
  payloads.delete(validId);
  return [...payloads];
}
