const pad = (value: number): string => String(value).padStart(2, '0');

/** A running time as 00:42, 12:05 or 1:02:03. */
export function clockWords(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${pad(minutes)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** A duration as people say it: 8 s, 12 min, 1 h 5 min. */
export function durationWords(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** Where a file begins on the recording's clock. */
export function offsetWords(offsetMs: number): string {
  if (Math.abs(offsetMs) < 50) return 'Begins with the recording';
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1);
  return offsetMs > 0 ? `Begins ${seconds} s in` : `Begins ${seconds} s before it`;
}

/** A date near now in short words, else day, month and year; `now` and `locale` are given so that it is pure. */
export function dateWords(iso: string, now: Date, locale?: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(date);
  const ahead = daysAhead(date, now);
  if (ahead === 0) return `Today, ${time}`;
  if (ahead === -1) return `Yesterday, ${time}`;
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
  return `${day}, ${time}`;
}

const DAY_MS = 86_400_000;

/** How many midnights lie between now and a moment; negative when it is past. */
function daysAhead(date: Date, now: Date): number {
  const startOfToday = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const startOfDay = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  // Rounded, because a day of a clock change has 23 or 25 hours.
  return Math.round((startOfDay - startOfToday) / DAY_MS);
}

/** A day to come, inside a sentence: "today", "tomorrow", "on 12 December", with the year when it is another one. */
export function comingDayWords(iso: string, now: Date, locale?: string): string {
  const date = new Date(iso);
  const ahead = daysAhead(date, now);
  if (ahead === 0) return 'today';
  if (ahead === 1) return 'tomorrow';
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const };
  return `on ${new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', ...year }).format(date)}`;
}

/** A moment to come, behind "until": "today at 14:32", "12 December at 09:00". */
export function untilWords(iso: string, now: Date, locale?: string): string {
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
  return `${comingDayWords(iso, now, locale).replace(/^on /u, '')} at ${time}`;
}

/** What is left of something, no finer than anybody can know it: "40 s left", "4 min left", "2 h 10 min left". */
export function timeLeftWords(secondsLeft: number): string {
  const seconds = Math.max(0, secondsLeft);
  if (seconds < 60) return `${Math.max(10, Math.ceil(seconds / 10) * 10)} s left`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min left`;
  if (minutes >= 48 * 60) return `${Math.ceil(minutes / (24 * 60))} days left`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h left` : `${hours} h ${minutes % 60} min left`;
}
