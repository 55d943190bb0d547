import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { controlRoutes, type ControlRouteName } from '../../contract/control-routes.ts';
import { EVENTS_PATH } from '../../contract/control.ts';
import { fittingValue, hostileInput, type FuzzOptions, type Known } from '../support/fuzz-values.ts';
import {
  HOSTILE_FIELDS,
  hostileText,
  hostileValue,
  pick,
  wholeBetween,
  type Random,
} from '../support/hostile-values.ts';
import { shapeOf } from '../support/schema-shape.ts';

/** A request as bytes, and what is known of it. */
export type ControlAttack = {
  bytes: Buffer;
  /** What it is, for a person. */
  where: string;
  /** The route that it asks for in a right way, if it does. */
  right: ControlRouteName | null;
  /** No program that speaks HTTP sends this: a bare refusal, or an end without one, is an answer too. */
  isBroken: boolean;
  /** It says less than it announces: the server waits for a while. */
  isSlow: boolean;
};

export type ControlTarget = { port: number; token: string; known: Known };

const NAMES = Object.keys(controlRoutes) as ControlRouteName[];
const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE'];
const BODY_LIMIT = 64 * 1024;
const HEAD_LIMIT = 8 * 1024 - 200;

/** Headers that must have the request refused, beside what else is right. */
const REFUSED_HEADERS: readonly ((target: ControlTarget, random: Random) => string[])[] = [
  ({ port }) => [`Host: evil.example:${port}`],
  ({ port }) => [`Host: 127.0.0.1:${port}`, 'Host: evil.example'],
  () => ['Host: 127.0.0.1'],
  ({ port }) => [`Host: 127.0.0.1:${port}@evil.example`],
  () => ['Origin: http://evil.example'],
  () => ['Origin: null'],
  ({ port }) => [`Origin: http://127.0.0.1:${port}.evil.example`],
  ({ token }) => [`Authorization: Bearer ${token}`],
  () => ['Authorization: Bearer wrong'],
  () => ['Content-Type: text/plain'],
  () => ['Content-Type: application/x-www-form-urlencoded'],
  () => ['Content-Type: application/json', 'Content-Type: application/json'],
  () => ['Content-Encoding: gzip'],
  () => ['X-User-Id: somebody-else'],
  (_target, random) => [`X-User-Id: ${headerText(random)}x`],
  () => ['X-User-Id: owner', 'X-User-Id: owner'],
  () => ['Expect: the-unexpected'],
];

/** Headers that change nothing. */
const IGNORED_HEADERS: readonly ((random: Random) => string[])[] = [
  () => [],
  () => [],
  () => [],
  () => ['X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE'],
  () => ['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1;host=evil.example', 'X-Forwarded-Host: evil.example'],
  () => ['X-Original-URL: /api/stats', 'X-Rewrite-URL: /api/stats'],
  (random) => [`Idempotency-Key: ${headerText(random)}`],
  (random) => [`Cookie: ${headerText(random)}`],
  (random) => [`Accept: ${headerText(random)}`, 'Range: bytes=-1,5-2,9999999999999999999-'],
  () => Array.from({ length: 200 }, (_, index) => `X-A${index}: 1`),
];

/** A value that may stand in a header: a server that gets other bytes is spoken to in another way than HTTP. */
function headerText(random: Random): string {
  return hostileText(random, 400)
    .slice(0, 400)
    .replaceAll(/[^\u0020-\u007e]/g, '?')
    .trim();
}

/** The request with this number: a route of the contract with a few things wrong, or bytes that are no request. */
export function controlAttack(random: Random, index: number, target: ControlTarget): ControlAttack {
  return index % 12 === 11 ? brokenRequest(random, index, target) : nearlyRight(random, index, target);
}

function nearlyRight(random: Random, index: number, target: ControlTarget): ControlAttack {
  const name = NAMES[index % NAMES.length] ?? 'health';
  const route = controlRoutes[name];
  const options: FuzzOptions = { random, carrier: 'json', known: target.known, largestChars: 3_000 };
  const wrong = pick(random, ['nothing', 'path', 'query', 'body', 'body', 'body', 'head', 'method', 'token']);

  const params = fieldsOf(fittingValue(shapeOf(route.params), options));
  if (wrong === 'path') {
    const [key] = Object.keys(params);
    if (key !== undefined) params[key] = hostileText(random, 2_000);
  }
  let path = route.path.replaceAll(/:(\w+)/g, (_part, key: string) => addressed(params[key] ?? '', wrong, random));
  if (wrong === 'path' && random() < 0.3)
    path += pick(random, ['/', '//', '/..', '/%2e%2e', '%00', ';x', '/extra', '#x']);

  const query = new URLSearchParams(
    Object.entries(fieldsOf(fittingValue(shapeOf(route.query), options))).map(([key, value]) => [key, value]),
  );
  if (wrong === 'query') {
    const key = random() < 0.4 ? (pick(random, HOSTILE_FIELDS) ?? 'then') : (pick(random, QUERY_NAMES) ?? 'limit');
    query.append(key, hostileText(random, 1_000).toWellFormed());
    if (random() < 0.3) query.append(key, 'twice');
  }

  const method = wrong === 'method' ? (pick(random, METHODS) ?? 'PUT') : route.method;
  const body = bodyOf(random, route.body === null ? null : shapeOf(route.body), wrong, options);
  const extra =
    wrong === 'head'
      ? (pick(random, REFUSED_HEADERS)?.(target, random) ?? [])
      : (pick(random, IGNORED_HEADERS)?.(random) ?? []);
  const token =
    wrong === 'token'
      ? pick(random, ['', 'wrong', `${target.token}x`, target.token.slice(1), headerText(random)])
      : target.token;

  const text = query.toString();
  const address = text === '' ? path : `${path}?${text}`;
  const isOf = (field: string): boolean => extra.some((line) => line.toLowerCase().startsWith(`${field}:`));
  const head = [
    `${method} ${address} HTTP/1.1`,
    ...(isOf('host') ? [] : [`Host: 127.0.0.1:${target.port}`]),
    `Authorization: Bearer ${token}`,
    'Connection: close',
    ...(body === null ? [] : [`Content-Length: ${body.byteLength}`]),
    ...(body === null || isOf('content-type') ? [] : ['Content-Type: application/json']),
    ...extra,
  ];
  // Another method may make it another route.
  const asked = NAMES.find((each) => controlRoutes[each].path === route.path && controlRoutes[each].method === method);
  const isRight =
    wrong !== 'head' &&
    (wrong !== 'token' || name === 'health') &&
    parseUntrusted(route.params.strict(), params).success &&
    path === route.path.replaceAll(/:(\w+)/g, (_part, key: string) => params[key] ?? '') &&
    parseUntrusted(route.query.strict(), Object.fromEntries(query)).success &&
    new Set(query.keys()).size === query.size;
  return {
    bytes: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]),
    where: `${method} ${address.slice(0, 200)} (${wrong}) ${body?.toString('latin1').slice(0, 200) ?? ''}`,
    right: asked !== undefined && isRight && isRightBody(asked, body) ? asked : null,
    // A path with bytes that stand in no path, or more than the server reads of a head.
    isBroken: !/^[!-~]+$/.test(address) || head.join('\r\n').length > HEAD_LIMIT,
    isSlow: false,
  };
}

const QUERY_NAMES = ['status', 'from', 'to', 'q', 'limit', 'cursor', 'callId'];

function isRightBody(name: ControlRouteName, body: Buffer | null): boolean {
  const schema = controlRoutes[name].body;
  if (body === null || body.byteLength === 0) return schema === null || parseUntrusted(schema.strict(), {}).success;
  if (schema === null || body.byteLength > BODY_LIMIT) return false;
  try {
    return parseUntrusted(schema.strict(), JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))).success;
  } catch {
    return false;
  }
}

function bodyOf(
  random: Random,
  shape: ReturnType<typeof shapeOf> | null,
  wrong: string | undefined,
  options: FuzzOptions,
): Buffer | null {
  if (wrong !== 'body') return shape === null ? null : Buffer.from(json(fittingValue(shape, options)));
  if (shape === null) return Buffer.from(json(hostileValue(random, 'json', 2_000)));
  const dice = random();
  if (dice < 0.06) return Buffer.from(json({ title: 'x'.repeat(BODY_LIMIT) }));
  if (dice < 0.09) return Buffer.from('['.repeat(BODY_LIMIT - 1));
  if (dice < 0.12) return Buffer.from('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000));
  if (dice < 0.16) return Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]);
  if (dice < 0.2)
    return Buffer.from(
      pick(random, ['', ' ', 'null', '{', '{"a":1}}', 'NaN', "{'a':1}", '\ufeff{}', '1e999', '{"title":1,"title":2}']),
    );
  if (dice < 0.24) return Buffer.from(Array.from({ length: 200 }, () => wholeBetween(random, 0, 255)));
  return Buffer.from(json(hostileInput(shape, options)));
}

const json = (value: unknown): string => JSON.stringify(value) ?? 'null';

function fieldsOf(value: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [key, each] of Object.entries(Object(value) as object)) fields[key] = `${each as string | number}`;
  return fields;
}

function addressed(value: string, wrong: string | undefined, random: Random): string {
  if (wrong !== 'path' || random() < 0.5) return encodeURIComponent(value.toWellFormed());
  // As it is: bytes that a program would have encoded.
  return value.slice(0, 1_000);
}

function brokenRequest(random: Random, index: number, { port, token }: ControlTarget): ControlAttack {
  const host = `Host: 127.0.0.1:${port}\r\n`;
  const auth = `Authorization: Bearer ${token}\r\n`;
  const json = 'Content-Type: application/json\r\n';
  const close = 'Connection: close\r\n';
  const post = `POST /api/recordings/cleanup HTTP/1.1\r\n${host}${auth}${json}${close}`;
  const broken: readonly [text: string, slow?: true][] = [
    ['\r\n\r\n'],
    ['GARBAGE\r\n\r\n'],
    [`GET /health HTTP/9.9\r\n${host}\r\n`],
    [`GET  /health HTTP/1.1\r\n${host}\r\n`],
    [`get /health HTTP/1.1\r\n${host}${close}\r\n`],
    [`GET /health\r\n\r\n`],
    [`GET /he\u0000alth HTTP/1.1\r\n${host}\r\n`],
    [`GET /health HTTP/1.1\n${host}\n`],
    [`GET /health HTTP/1.1\r\n${host}No colon\r\n\r\n`],
    [`GET /health HTTP/1.1\r\n${host}X: a\r\n b\r\n${close}\r\n`],
    [`GET /health HTTP/1.1\r\n${host}X\u0000: a\r\n\r\n`],
    [`GET /health HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`],
    [`GET /health HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(5_000)}\r\n`],
    [`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`],
    [`GET http://127.0.0.1:${port}/api/stats HTTP/1.1\r\n${host}${auth}${close}\r\n`],
    [`GET evil.example/api/stats HTTP/1.1\r\n${host}${auth}${close}\r\n`],
    [`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${host}\r\n`],
    [`OPTIONS * HTTP/1.1\r\n${host}${close}\r\n`],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n'],
    [`${post}Content-Length: -1\r\n\r\n`],
    [`${post}Content-Length: 1e3\r\n\r\n{}`],
    [`${post}Content-Length: +2\r\n\r\n{}`],
    [`${post}Content-Length: 0x2\r\n\r\n{}`],
    [`${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
    [`${post}Content-Length: 2, 2\r\n\r\n{}`],
    [`${post}Content-Length: 99999999999999999999\r\n\r\n{}`],
    [`${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    [`${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    [`${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    [`${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    [`${post}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n`],
    [`${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n`],
    [`${post}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`],
    [`${post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n${'T: x\r\n'.repeat(3_000)}\r\n`],
    [`${post}Transfer-Encoding: chunked\r\n\r\n${'1\r\n[\r\n'.repeat(30_000)}0\r\n\r\n`],
    // Two requests in one: the second, in what the first calls its body, must be nobody's.
    [`${post}Content-Length: 44\r\n\r\nGET /api/stats HTTP/1.1\r\nHost: evil.example\r\n\r\n`],
    [`${post}Content-Length: 500\r\n\r\n{`, true],
    [`${post}Transfer-Encoding: chunked\r\n\r\n5\r\n{`, true],
    [`GET /health HTTP/1.1\r\n${host}X: `, true],
    ['G', true],
    ['', true],
  ];
  const [text, slow] = pick(random, broken) ?? [''];
  return {
    bytes: Buffer.from(text, 'latin1'),
    where: `bytes ${index}: ${JSON.stringify(text.slice(0, 160))}`,
    right: null,
    isBroken: true,
    isSlow: slow === true,
  };
}

/** A reader of events that comes back with an id that never was. */
export function eventsAttack(random: Random, { port, token }: ControlTarget): Buffer {
  const head = `GET ${EVENTS_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`;
  return Buffer.from(`${head}Last-Event-ID: ${headerText(random)}\r\n\r\n`, 'latin1');
}
