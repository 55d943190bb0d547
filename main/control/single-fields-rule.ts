import { AppError } from '../../contract/errors.ts';
import type { HeadFields } from './head-fields.ts';

/** Fields that decide something: two of one kind would let each reader of the request believe another one. */
const SINGLE = [
  'authorization',
  'content-length',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'transfer-encoding',
  'x-user-id',
];

/** Refuses a request that says such a thing twice. */
export function singleFieldsRefusal(fields: HeadFields): AppError | null {
  const doubled = SINGLE.find((name) => (fields.get(name)?.length ?? 0) > 1);
  if (doubled === undefined) return null;
  return new AppError('INVALID_INPUT', `The header ${doubled} may be there only once.`, {
    details: { field: doubled },
  });
}
