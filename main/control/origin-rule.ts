import { AppError } from '../../contract/errors.ts';
import type { HeadFields } from './head-fields.ts';

/**
 * Refuses whatever a web page sent: programs send no Origin, and there is no page that may use this API. Sec-Fetch-Site is the
 * browser's word for requests without an Origin (an image, a link); `none` is an address that a person typed.
 */
export function originRefusal(fields: HeadFields): AppError | null {
  const bySite = (fields.get('sec-fetch-site') ?? []).some((site) => site !== 'none');
  if (!fields.has('origin') && !bySite) return null;
  return new AppError('FORBIDDEN', 'Web pages may not use this API.');
}
