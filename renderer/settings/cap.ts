import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { settingsPatchSchema } from '../../contract/settings.ts';
import type { Checked } from './setting-check.ts';

/** Units in which people know the speed of their line. */
export const capUnits = ['Mbit/s', 'MB/s'] as const;
export type CapUnit = (typeof capUnits)[number];

const unitBytes: Record<CapUnit, number> = { 'Mbit/s': 125_000, 'MB/s': 1_000_000 };

/** A limit as its field shows it: at most two decimals. */
export function capWords(bytesPerSecond: number, unit: CapUnit): string {
  return String(Number((bytesPerSecond / unitBytes[unit]).toFixed(2)));
}

/** Reads a typed limit; a comma is as good as a point, and an empty field is no limit. */
export function checkCap(typed: string, unit: CapUnit): Checked<{ cloudCapBytesPerSecond: number }> {
  const text = typed.trim().replace(',', '.') || '0';
  const cloudCapBytesPerSecond = /^\d+(\.\d*)?$/u.test(text) ? Math.round(Number(text) * unitBytes[unit]) : Number.NaN;
  return parseUntrusted(settingsPatchSchema, { cloudCapBytesPerSecond }).success
    ? { ok: true, value: { cloudCapBytesPerSecond } }
    : { ok: false, reason: `Type a number of ${unit}, for example 20; 0 is no limit.` };
}
