import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { settingsPatchSchema } from '../../contract/settings.ts';
import type { Checked } from './setting-check.ts';

const GB_BYTES = 1024 ** 3;

/** A reserve as its field shows it: gigabytes with at most two decimals. */
export function reserveWords(bytes: number): string {
  return String(Number((bytes / GB_BYTES).toFixed(2)));
}

/** Reads a typed reserve in gigabytes; a comma is as good as a point. */
export function checkReserve(typed: string): Checked<{ diskReserveBytes: number }> {
  const text = typed.trim().replace(',', '.');
  const diskReserveBytes = /^\d+(\.\d*)?$/u.test(text) ? Math.round(Number(text) * GB_BYTES) : Number.NaN;
  return parseUntrusted(settingsPatchSchema, { diskReserveBytes }).success
    ? { ok: true, value: { diskReserveBytes } }
    : { ok: false, reason: 'Type a number of gigabytes from 0 to 1024, for example 2.' };
}
