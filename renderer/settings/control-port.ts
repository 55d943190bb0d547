import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { settingsPatchSchema } from '../../contract/settings.ts';
import type { Checked } from './setting-check.ts';

/** Reads a typed port of the control API. */
export function checkControlPort(typed: string): Checked<{ controlPort: number }> {
  const text = typed.trim();
  const controlPort = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  return parseUntrusted(settingsPatchSchema, { controlPort }).success
    ? { ok: true, value: { controlPort } }
    : { ok: false, reason: 'Type a whole number from 0 to 65535, 0 for a port that is free.' };
}
