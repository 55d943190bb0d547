import { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3';
import { abortedProblem } from '../cloud-errors.ts';
import type { CallOptions } from '../cloud-target.ts';
import { createHttpHandler } from './http-handler.ts';
import type { Way } from './http-handler.ts';

type SdkCommand<I extends ServiceInputTypes, O extends ServiceOutputTypes> = Parameters<
  typeof S3Client.prototype.send<I, O>
>[0];

/** One bucket's requests: each is a command of the library, sent on our way. */
export type S3Requests = {
  client: S3Client;
  bucket: string;
  send: <I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: SdkCommand<I, O>,
    options: CallOptions,
    how?: Omit<Way, 'abortSignal'>,
  ) => Promise<O>;
  close: () => void;
};

/** Opens the library's client for a bucket. */
export function openRequests(config: S3ClientConfig, bucket: string, idleLimitMs: number | undefined): S3Requests {
  const handler = createHttpHandler(idleLimitMs);
  const client = new S3Client({ ...config, requestHandler: handler });
  return {
    client,
    bucket,
    send: async (command, { signal }, how = {}) => {
      const way: Way = { abortSignal: signal, ...how };
      // The library may look for credentials for a while (a program, a service of the network) before it looks at the signal.
      return await untilAborted(signal, () => client.send(command, way));
    },
    close: () => {
      client.destroy();
      handler.destroy();
    },
  };
}

async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw abortedProblem();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(abortedProblem());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Gives the library the SHA-256 of a body, so that it is not computed again for the signature; the server compares it. */
export function declareSha256<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  command: SdkCommand<I, O>,
  sha256Hex: string,
): SdkCommand<I, O> {
  command.middlewareStack.add(
    (next) => async (args) => {
      if (hasHeaders(args)) args.request.headers['x-amz-content-sha256'] = sha256Hex;
      return await next(args);
    },
    { step: 'build', name: 'knownSha256' },
  );
  return command;
}

function hasHeaders<A extends object>(args: A): args is A & { request: { headers: Record<string, string> } } {
  const request: unknown = 'request' in args ? args.request : undefined;
  return typeof request === 'object' && request !== null && 'headers' in request;
}
