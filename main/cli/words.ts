/** Controls of a terminal, and marks that turn the direction of what follows: a name or a title may hold them. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of other people, fit for a terminal: on one line and without anything that steers it. */
export function plain(text: string): string {
  return text.replace(UNSHOWABLE, ' ').trim();
}

/** Milliseconds as a clock shows them: 0:00:12. */
export function clock(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Bytes in the decimal units of disks. */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  // 999.96 would be shown as 1000.0.
  while (unit < units.length - 1 && value >= 999.95) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** An instant on this computer's clock: 2026-11-23 14:05. */
export function when(instant: string): string {
  const date = new Date(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A count with its noun: 1 recording, 2 recordings. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
