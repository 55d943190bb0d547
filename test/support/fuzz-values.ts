import { assertNever } from '../../contract/errors.ts';
import {
  HOSTILE_FIELDS,
  hostileNumber,
  hostileText,
  hostileValue,
  pick,
  wholeBetween,
  type Carrier,
  type Random,
} from './hostile-values.ts';
import type { Shape } from './schema-shape.ts';

/** Values that exist, by the names of the fields that ask for such: what is nearly right finds its way in furthest. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

export type FuzzOptions = {
  random: Random;
  carrier: Carrier;
  known: Known;
  /** The largest text, in characters. */
  largestChars?: number;
};

/** Texts among which every pattern of the contract finds one. */
const SAMPLES = [
  '',
  'Ada',
  'ben',
  'a/b',
  '00000000-0000-4000-8000-000000000000',
  'stun:127.0.0.1:9',
  'ws://127.0.0.1:9',
  'http://127.0.0.1:9',
  'abcdefghijklmnopqrstuvwxyz012345',
];

/** Often taken over a made value: the field's name is one of those that are known. */
const KNOWN_SHARE = 0.75;

/** A value that the shape's schema takes, but for what a JSON Schema cannot say (refinements). */
export function fittingValue(shape: Shape, options: FuzzOptions, field = ''): unknown {
  const { random, known } = options;
  const values = known[field] ?? [];
  if (values.length > 0 && random() < KNOWN_SHARE) return pick(random, values);
  switch (shape.kind) {
    case 'text': {
      if (shape.isTime) return new Date(wholeBetween(random, 0, 4e12)).toISOString();
      const fits = (text: string): boolean =>
        text.length >= shape.minLength && text.length <= shape.maxLength && (shape.pattern?.test(text) ?? true);
      const samples = [...SAMPLES, seededUuid(random)].filter(fits);
      return pick(random, samples) ?? 'x'.repeat(shape.minLength);
    }
    case 'number': {
      const edge = pick(random, [shape.minimum, shape.maximum, shape.minimum + 1]);
      const small = Math.min(shape.maximum, shape.minimum + wholeBetween(random, 0, 100));
      const value = random() < 0.3 ? edge : small;
      return shape.isWhole ? Math.round(value) : value;
    }
    case 'choice':
      return pick(random, shape.values);
    case 'boolean':
      return random() < 0.5;
    case 'bytes':
      return Uint8Array.from({ length: wholeBetween(random, 0, 999) }, () => wholeBetween(random, 0, 255));
    case 'list': {
      const length = wholeBetween(random, shape.minItems, Math.min(shape.maxItems, shape.minItems + 3));
      return Array.from({ length }, () => fittingValue(shape.items, options));
    }
    case 'object':
      return Object.fromEntries(
        shape.fields
          .filter(({ required }) => required || random() < 0.4)
          .map(({ name, shape: inner }) => [name, fittingValue(inner, options, name)]),
      );
    case 'oneOf': {
      const inner = pick(random, shape.shapes);
      return inner === undefined ? null : fittingValue(inner, options, field);
    }
    case 'anything':
      return hostileValue(random, options.carrier, options.largestChars);
    default:
      return assertNever(shape);
  }
}

/** A value from the neighbourhood of what the schema takes: mostly a fitting one with a few things wrong, at times plain garbage. */
export function hostileInput(shape: Shape, options: FuzzOptions): unknown {
  const { random, carrier, largestChars } = options;
  if (random() < 0.12) return hostileValue(random, carrier, largestChars);
  const holder = { value: fittingValue(shape, options) };
  const times = pick(random, [0, 1, 1, 1, 1, 2, 3]);
  for (let time = 0; time < times; time += 1) breakOnePlace(holder, options);
  return holder.value;
}

type Place = { container: Record<string, unknown> | unknown[]; key: string | number };

function breakOnePlace(holder: { value: unknown }, options: FuzzOptions): void {
  const { random, carrier, largestChars } = options;
  const place = pick(random, placesIn(holder));
  if (place === undefined) return;
  const { container, key } = place;
  const value: unknown = Reflect.get(container, key);
  const put = (next: unknown): void => {
    Object.defineProperty(container, key, { value: next, enumerable: true, configurable: true, writable: true });
  };
  const dice = random();
  if (dice < 0.12 && container !== holder) Reflect.deleteProperty(container, key);
  else if (dice < 0.24 && isPlainObject(value)) {
    const field = random() < 0.6 ? (pick(random, HOSTILE_FIELDS) ?? 'then') : hostileText(random, 500);
    const extra = hostileValue(random, carrier, largestChars);
    Object.defineProperty(value, field, { value: extra, enumerable: true, configurable: true, writable: true });
  } else if (dice < 0.55 && typeof value === 'string') put(brokenText(value, options));
  else if (dice < 0.6 && typeof value === 'number') put(hostileNumber(random, carrier));
  else if (dice < 0.68) put(otherType(value, random));
  else put(hostileValue(random, carrier, largestChars));
}

/** A text that is nearly the one it was. */
function brokenText(text: string, { random, largestChars = 200_000 }: FuzzOptions): string {
  const at = wholeBetween(random, 0, text.length);
  const change = pick<() => string>(random, [
    () => `${text}\u0000`,
    () => `${text}\n`,
    () => ` ${text}`,
    () => `../${text}`,
    () => `${text}/../${text}`,
    () => text.toUpperCase(),
    () => text.slice(0, -1),
    () => text + text,
    () => `${text.slice(0, at)}\ud800${text.slice(at + 1)}`,
    () => `${text.slice(0, at)}/${text.slice(at + 1)}`,
    () => text.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    () => encodeURIComponent(text.toWellFormed()).replaceAll('-', '%2d'),
    () => hostileText(random, largestChars),
  ]);
  return change();
}

function otherType(value: unknown, random: Random): unknown {
  return pick(random, [[value], { value }, typeof value === 'number' ? `${value}` : 'text', Number(value === true)]);
}

function placesIn(holder: { value: unknown }): Place[] {
  const places: Place[] = [];
  const seen = new Set<unknown>();
  const look = (container: Record<string, unknown> | unknown[]): void => {
    if (seen.has(container) || places.length > 200) return;
    seen.add(container);
    const keys = Array.isArray(container) ? container.keys() : Object.keys(container);
    for (const key of [...keys].slice(0, 50)) {
      places.push({ container, key });
      const value: unknown = Reflect.get(container, key);
      if (Array.isArray(value) || isPlainObject(value)) look(value);
    }
  };
  look(holder);
  return places;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A version 4 UUID (RFC 9562) that the seed decides. */
export function seededUuid(random: Random): string {
  const hex = (length: number): string =>
    Array.from({ length }, () => wholeBetween(random, 0, 15).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
