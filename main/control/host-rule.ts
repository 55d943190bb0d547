import { CONTROL_HOST } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import type { HeadFields } from './head-fields.ts';

/** The port that a Host header leaves out (RFC 9110, 4.2.1). */
const DEFAULT_PORT = 80;

/**
 * Refuses every name but the two of this computer. A page whose own name was made to point at 127.0.0.1 (DNS rebinding) counts as
 * the same origin for the browser; its name in the Host header is what gives it away.
 */
export function hostRefusal(fields: HeadFields, port: number): AppError | null {
  const hosts = fields.get('host') ?? [];
  const names = [CONTROL_HOST, 'localhost'];
  const allowed = names.map((name) => `${name}:${port}`);
  if (port === DEFAULT_PORT) allowed.push(...names);
  if (hosts.length === 1 && allowed.includes(hosts[0] ?? '')) return null;
  return new AppError('FORBIDDEN', 'The Host header must name this address and port.');
}
