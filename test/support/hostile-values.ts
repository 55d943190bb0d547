/** What a value has to survive on its way: `json` as text, `clone` as the structured clone that Electron's IPC makes. */
export type Carrier = 'json' | 'clone';

/** A number from 0 to below 1, the same for the same seed. */
export type Random = () => number;

/** One of the values. */
export function pick<T>(random: Random, values: readonly [T, ...T[]]): T;
export function pick<T>(random: Random, values: readonly T[]): T | undefined;
export function pick<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.floor(random() * values.length)];
}

/** A whole number from the first to the last. */
export function wholeBetween(random: Random, first: number, last: number): number {
  return first + Math.floor(random() * (last - first + 1));
}

const NUL = '\u0000';
const LONE_SURROGATE = '\ud800';

/** Texts that have broken programs before; the last two are made when they are asked for, because they are large. */
export function hostileText(random: Random, largestChars: number): string {
  const made = pick<() => string>(random, [
    () => '',
    () => NUL,
    () => `a${NUL}b`,
    () => LONE_SURROGATE,
    () => `${LONE_SURROGATE}x\udfff`,
    () => '\u202e\u0007\u001b[31m',
    () => '../../../../etc/passwd',
    () => '..\\..\\..\\windows\\win.ini',
    () => '%2e%2e%2f%00',
    () => '__proto__',
    () => 'constructor',
    () => 'toString',
    () => '[object Object]',
    () => '{"__proto__":{"role":"host"}}',
    () => '<img src=x onerror=alert(1)>',
    () => "'; DROP TABLE recordings; --",
    () => '$(touch x)`touch x`;|&',
    () => '-i',
    () => 'file:///etc/passwd',
    () => '\r\nSet-Cookie: a=b\r\n\r\n',
    () => '9007199254740993',
    () => '-0',
    () => 'NaN',
    () => '\ufeff\u200b',
    () => '\u0130\u0131\ufb01\u1e9e'.repeat(3),
    () => '00000000-0000-0000-0000-000000000000',
    () => '0'.repeat(36),
    () => '-'.repeat(36),
    () => '00000000-0000-0000-0000-00000000000\n',
    () => 'F'.repeat(36),
    () => 'x'.repeat(wholeBetween(random, 30, 300)),
    () => 'é'.repeat(wholeBetween(random, 30, 5_000)),
  ]);
  // One in forty is large.
  return random() < 0.025 ? pick(random, ['A', '\u{1f4a3}', NUL]).repeat(largestChars / 2) : made();
}

/** Numbers at the edges of what numbers are. */
export function hostileNumber(random: Random, carrier: Carrier): number {
  const always = [-1, -0, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, 2 ** 53 + 2, -(2 ** 53)];
  const cloned = carrier === 'clone' ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : [];
  return pick(random, [...always, ...cloned]) ?? -1;
}

/** An object or a list in itself, so many levels deep. */
export function nested(levels: number, inLists: boolean): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = inLists ? [value] : { a: value };
  return value;
}

/** A name that means something to the language, as an own field: an assignment would change the prototype instead. */
export function withOwnField(name: string, value: unknown): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

/** Names that an object of the language has already. */
export const HOSTILE_FIELDS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON'];

/** Compared with a number, or made a text, it throws: its conversions are no functions. Plain JSON all the same. */
function unconvertible(): Record<string, unknown> {
  return { toString: 1, valueOf: 1 };
}

/** Anything at all that the carrier takes. */
export function hostileValue(random: Random, carrier: Carrier, largestChars = 200_000): unknown {
  if (random() < 0.35) return hostileText(random, largestChars);
  if (random() < 0.3) return hostileNumber(random, carrier);
  const always: (() => unknown)[] = [
    () => null,
    () => true,
    () => false,
    () => [],
    () => ({}),
    () => [[[]]],
    () => ({ length: 2 ** 32, 0: 'a' }),
    () => ({ length: unconvertible() }),
    unconvertible,
    () => Array.from({ length: wholeBetween(random, 100, 5_000) }, () => 0),
    () => Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, index])),
    () => nested(wholeBetween(random, 50, 900), random() < 0.5),
    () => withOwnField(pick(random, HOSTILE_FIELDS) ?? 'then', { role: 'host', trusted: true }),
    () => ({ ok: true, value: 1 }),
    () => ({ type: 'Buffer', data: [1, 2, 3] }),
  ];
  const cloned: (() => unknown)[] = [
    () => undefined,
    () => 10n ** 30n,
    () => -1n,
    () => new Date(Number.NaN),
    () => new Date(0),
    () => /(a+)+$/g,
    () => new Map<unknown, unknown>([['recordingId', 1]]),
    () => new Set([1]),
    () => new Uint8Array(wholeBetween(random, 0, 70_000)),
    () => new Uint8Array(new ArrayBuffer(64), 3, 5),
    () => new Uint16Array(3),
    () => new Float64Array([Number.NaN]),
    () => new BigInt64Array(2),
    () => new DataView(new ArrayBuffer(8), 1),
    () => new ArrayBuffer(7),
    () => new Error('made by the sender'),
    () => Object(1n) as unknown,
    () => Object('boxed') as unknown,
    () => {
      const cyclic: Record<string, unknown> = { recordingId: 'x' };
      cyclic['self'] = cyclic;
      return cyclic;
    },
    () => {
      const cyclic: unknown[] = [];
      cyclic.push(cyclic, cyclic);
      return cyclic;
    },
    () => {
      const holes: unknown[] = [];
      holes[wholeBetween(random, 1, 5_000)] = 'last';
      return holes;
    },
  ];
  const makers = carrier === 'clone' ? [...always, ...cloned] : always;
  return pick(random, makers)?.();
}
