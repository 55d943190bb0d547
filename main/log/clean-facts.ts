/**
 * Never in a log, wherever they turn up: whoever has them can enter a call, use a server, or open a bucket. Compared without case,
 * `_` and `-`, so that every library's spelling is caught.
 */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'accesskey',
  'accesskeyid',
  'accesstoken',
  'apikey',
  'authorization',
  'awsaccesskeyid',
  'awssecretaccesskey',
  'awssessiontoken',
  'body',
  'cookie',
  'credential',
  'credentials',
  'headers',
  'iceservers',
  'input',
  'invite',
  'invitelink',
  'json',
  'link',
  'location',
  'password',
  'peertoken',
  'plain',
  'privatekey',
  'recordingstoragecredentials',
  'refreshtoken',
  'secret',
  'secretaccesskey',
  'secretkey',
  'session',
  'sessiontoken',
  'sessionuri',
  'setcookie',
  'signature',
  'ticket',
  'token',
  'uploadid',
  'uri',
  'url',
  'xamzsecuritytoken',
]);

const CENSORED = '[secret]';
/** Deeper things are not logged: facts are flat, and only what somebody threw is deep. */
const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;
const MAX_CAUSES = 4;

const isSecretName = (name: string): boolean => SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ''));

/** Secrets as they stand in sentences of other people's libraries. */
const SECRET_TEXTS: readonly [RegExp, string][] = [
  // Private keys, whole or cut off, also with their line breaks escaped.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----END )[\s\S])*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, CENSORED],
  // What stands behind the question mark of an address: signatures, upload ids, tokens.
  [/(\bhttps?:\/\/[^\s"'<>?]*)\?[^\s"'<>]+/gi, `$1?${CENSORED}`],
  // Names and passwords in an address.
  [/(\bhttps?:\/\/)[^\s"'<>/@]+@/gi, `$1${CENSORED}@`],
  [/\b(Bearer|Basic|AWS4-HMAC-SHA256)\s+[^\s"'][^"'\n]*/g, `$1 ${CENSORED}`],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b/g, CENSORED],
  [/\bya29\.[\w.-]+/g, CENSORED],
  // name=value and "name": "value" of the secret kinds.
  [
    /\b((?:aws_?)?(?:secret_?(?:access_?)?key|access_?key_?id|session_?token|security-token|private_?key|upload_?id|signature|credential)\\*"?\s*[:=]\s*\\*"?)[^\s"',;&}\\]+/gi,
    `$1${CENSORED}`,
  ],
];

/** A sentence without the secrets that have a form of their own. */
export function cleanText(text: string): string {
  let clean = text;
  for (const [form, instead] of SECRET_TEXTS) clean = clean.replaceAll(form, instead);
  return clean;
}

/** What may be logged of something thrown: never the fields that libraries hang on it, which hold requests and answers. */
export function cleanError(error: unknown, causes = MAX_CAUSES): unknown {
  if (!(error instanceof Error)) return cleanFacts(error);
  const code: unknown = Reflect.get(error, 'code');
  return {
    type: error.name,
    message: cleanText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: cleanText(error.stack ?? ''),
    ...(error.cause === undefined || causes === 0 ? {} : { cause: cleanError(error.cause, causes - 1) }),
  };
}

/** Facts without what must never be in a log; errors, strings and nested things too. */
export function cleanFacts(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return cleanError(value);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((each) => cleanFacts(each, depth + 1));
  return cleanRecord(value, depth);
}

/** The same for an object's own fields. */
export function cleanRecord(value: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ENTRIES)
      .map(([name, each]) => [name, isSecretName(name) ? CENSORED : cleanFacts(each, depth + 1)]),
  );
}
