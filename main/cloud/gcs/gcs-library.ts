import { AppError } from '../../../contract/errors.ts';
import { networkProblem, statusProblem } from '../cloud-errors.ts';
import type { ObjectSpec } from '../cloud-target.ts';
import type { Credentials } from '../credentials.ts';
import { watchIdle } from '../idle-limit.ts';
import { refusal, tokenProblem } from './gcs-answers.ts';

/** What Google's library does for us: tokens, sessions, signatures. Its errors stay inside. */
export type GcsLibrary = {
  /** Headers that open the API; empty where no credentials are used. */
  headers: (signal: AbortSignal) => Promise<Record<string, string>>;
  /** Begins a resumable session and gives its address. */
  openSession: (bucket: string, object: ObjectSpec, signal: AbortSignal) => Promise<string>;
  signedUrl: (bucket: string, key: string, validSeconds: number) => Promise<string>;
};

export const GOOGLE_ENDPOINT = 'https://storage.googleapis.com';

/** Loads the library (only now: a start of the app without a bucket does not pay for it) and gives it the credentials. */
export async function openGcsLibrary(
  endpoint: string,
  credentials: Exclude<Credentials, { kind: 's3Keys' | 's3Profile' }>,
  idleMs: number,
): Promise<GcsLibrary> {
  const { Storage } = await import('@google-cloud/storage');
  // A server of one's own may want no credentials, and what this computer has for Google is not for it.
  const anonymous = credentials.kind === 'default' && !/(?:^|\.)googleapis\.com$/.test(new URL(endpoint).hostname);
  const storage = new Storage({
    apiEndpoint: endpoint,
    // Somebody else decides when to try again.
    retryOptions: { autoRetry: false },
    ...(anonymous ? {} : { useAuthWithCustomEndpoint: true }),
    ...(credentials.kind === 'default'
      ? {}
      : { credentials: { client_email: credentials.clientEmail, private_key: credentials.privateKey } }),
    ...(credentials.kind === 'default' || credentials.projectId === null ? {} : { projectId: credentials.projectId }),
  });

  const headers = async (signal: AbortSignal): Promise<Record<string, string>> => {
    if (anonymous) return {};
    try {
      const found = await bounded(storage.authClient.getRequestHeaders(endpoint), idleMs, signal);
      return Object.fromEntries(found);
    } catch (error) {
      throw signInProblem(error);
    }
  };

  return {
    headers,
    openSession: async (bucket, object, signal) => {
      // Alone, so that a failure of it is not taken for one of the bucket.
      await headers(signal);
      try {
        const opening = storage
          .bucket(bucket)
          .file(object.key)
          .createResumableUpload({
            metadata: { contentType: object.contentType, contentLength: object.sizeBytes },
          });
        const [session] = await bounded(opening, idleMs, signal);
        return session;
      } catch (error) {
        throw sessionProblem(error);
      }
    },
    signedUrl: async (bucket, key, validSeconds) => {
      if (anonymous) throw noKeyToSign();
      try {
        const signing = storage
          .bucket(bucket)
          .file(key)
          .getSignedUrl({ version: 'v4', action: 'read', expires: Date.now() + validSeconds * 1000 });
        const [url] = await bounded(signing, idleMs);
        return url;
      } catch (error) {
        throw networkProblem(error) ?? noKeyToSign();
      }
    },
  };
}

/** The error for a sign-in that failed. */
export function signInProblem(error: unknown): AppError {
  const what = 'Signing in to Google Cloud';
  const { status, data } = answerIn(error);
  if (status !== null) return tokenProblem(status, data, what) ?? statusProblem({ status, code: '', what });
  const problem = networkProblem(error);
  if (problem !== null) return problem;
  return new AppError(
    'CLOUD_CREDENTIALS_INVALID',
    'There are no usable Google Cloud credentials: add the JSON file of a service account, or sign in on this computer with Google’s own tools.',
  );
}

function sessionProblem(error: unknown): AppError {
  const what = 'Beginning an upload';
  const { status, data, header } = answerIn(error);
  if (status === null) return networkProblem(error) ?? statusProblem({ status: null, code: '', what });
  const body = Buffer.from(typeof data === 'string' ? data : (JSON.stringify(data) ?? ''));
  return refusal({ status, body, header }, what);
}

function noKeyToSign(): AppError {
  return new AppError(
    'CLOUD_CREDENTIALS_INVALID',
    'A link needs the key of a service account to sign it: add the account’s JSON file in Settings.',
  );
}

type LibraryAnswer = { status: number | null; data: unknown; header: (name: string) => string };

/** The answer that an error of the library carries. */
function answerIn(error: unknown): LibraryAnswer {
  const none: LibraryAnswer = { status: null, data: undefined, header: () => '' };
  const response: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'response') : undefined;
  if (typeof response !== 'object' || response === null) return none;
  const status: unknown = Reflect.get(response, 'status');
  const headers: unknown = Reflect.get(response, 'headers');
  return {
    status: typeof status === 'number' ? status : null,
    data: Reflect.get(response, 'data'),
    header: (name) => (headers instanceof Headers ? (headers.get(name) ?? '') : ''),
  };
}

/** The library takes no signal: whoever waits for it stops waiting. */
async function bounded<T>(work: Promise<T>, idleMs: number, signal?: AbortSignal): Promise<T> {
  const idle = watchIdle(signal ?? new AbortController().signal, idleMs);
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        const stop = (): void => reject(idle.signal.reason);
        if (idle.signal.aborted) stop();
        else idle.signal.addEventListener('abort', stop, { once: true });
      }),
    ]);
  } finally {
    idle.end();
  }
}
