import type { IncomingMessage } from 'node:http';
import { AppError } from '../../contract/errors.ts';
import { tooLarge } from './body-rule.ts';

/** Reads the body of a request up to a limit; PAYLOAD_TOO_LARGE beyond it, ABORTED when its sender goes away. */
export function readBody(request: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    const done = (): void => {
      request.off('data', take);
      request.off('end', end);
      request.off('close', gone);
    };
    const take = (part: Buffer): void => {
      sizeBytes += part.length;
      if (sizeBytes <= maxBodyBytes) {
        parts.push(part);
        return;
      }
      done();
      reject(tooLarge(maxBodyBytes));
    };
    const end = (): void => {
      done();
      resolve(Buffer.concat(parts));
    };
    const gone = (): void => {
      done();
      reject(new AppError('ABORTED', 'The request was broken off.'));
    };
    request.on('data', take);
    request.once('end', end);
    request.once('close', gone);
    // Told again as `close`.
    request.on('error', () => undefined);
  });
}

/** Reads a body as JSON (RFC 8259: UTF-8); nothing at all counts as an object without fields. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Its own words would quote the body.
    throw new AppError('INVALID_INPUT', 'The body is not valid JSON.', { details: { field: 'body' } });
  }
}
