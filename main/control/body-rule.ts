import { AppError } from '../../contract/errors.ts';
import { single, type HeadFields } from './head-fields.ts';

/** A media type and its charset (RFC 9110, 8.3): JSON has only this one (RFC 8259, 8.1). */
const JSON_TYPE = /^application\/json[\t ]*(?:;[\t ]*charset=(?:utf-8|"utf-8"))?[\t ]*$/i;

/** Whether the head announces a body. */
export function announcesBody(fields: HeadFields): boolean {
  const length = single(fields, 'content-length');
  return fields.has('transfer-encoding') || (length !== null && Number(length) !== 0);
}

/** Refuses, by the head alone, a body of another kind, one that is too large, and any compression. */
export function bodyRefusal(fields: HeadFields, maxBodyBytes: number): AppError | null {
  const type = single(fields, 'content-type');
  // Asked for without a body as well: a form or a plain text is what a page can send without asking first.
  if (type === null ? announcesBody(fields) : !JSON_TYPE.test(type)) {
    return new AppError('INVALID_INPUT', 'The content type must be application/json.', {
      details: { field: 'content-type' },
    });
  }
  const coding = single(fields, 'transfer-encoding');
  if (coding !== null && coding.toLowerCase() !== 'chunked') {
    return new AppError('INVALID_INPUT', 'The body may come in pieces and in no other coding.', {
      details: { field: 'transfer-encoding' },
    });
  }
  if (fields.has('content-encoding')) {
    return new AppError('INVALID_INPUT', 'The body must not be compressed.', {
      details: { field: 'content-encoding' },
    });
  }
  return Number(single(fields, 'content-length') ?? 0) > maxBodyBytes ? tooLarge(maxBodyBytes) : null;
}

/** The refusal of a body above the limit. */
export function tooLarge(maxBodyBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', 'The body of the request is too large.', { details: { maxBodyBytes } });
}
