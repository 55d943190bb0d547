const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `30d`, `12h`, `90m`, `45s`, or a bare number of milliseconds; null for anything else. */
export function readDurationMs(text: string): number | null {
  const [, amount, unit] = /^(\d{1,15})(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  if (amount === undefined) return null;
  const durationMs = Number(amount) * UNIT_MS[readUnit(unit)];
  return Number.isSafeInteger(durationMs) ? durationMs : null;
}

function readUnit(text: string | undefined): keyof typeof UNIT_MS {
  return text === 's' || text === 'm' || text === 'h' || text === 'd' ? text : 'ms';
}
