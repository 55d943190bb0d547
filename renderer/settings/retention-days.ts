import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { settingsPatchSchema } from '../../contract/settings.ts';
import type { Checked } from './setting-check.ts';

/** Reads a typed number of days. */
export function checkDays(typed: string): Checked<{ retentionDays: number }> {
  const text = typed.trim();
  const retentionDays = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
  return parseUntrusted(settingsPatchSchema, { retentionDays }).success
    ? { ok: true, value: { retentionDays } }
    : { ok: false, reason: 'Type a whole number of days from 1 to 3650.' };
}
