/** What matters in a line of Linux's /proc/<pid>/stat. */
export type ProcStat = {
  readonly state: string;
  readonly processGroup: number;
  readonly cpuMs: number;
  /** Clock ticks since the boot of the machine. */
  readonly startTicks: string;
};

// USER_HZ is 100 on every architecture that Electron runs on (proc(5): divide by sysconf(_SC_CLK_TCK)).
const msPerTick = 10;

/** Reads /proc/<pid>/stat; null when it is none. Fields are numbered as in proc(5). */
export function parseProcStat(text: string): ProcStat | null {
  // The second field is the program's name in brackets and may hold anything, brackets and blanks too.
  const nameEnd = text.lastIndexOf(')');
  if (nameEnd < 0) return null;
  const fields = text
    .slice(nameEnd + 2)
    .trim()
    .split(' ');
  const field = (number: number): string => fields[number - 3] ?? '';
  const wanted = [field(5), field(14), field(15), field(22)];
  if (wanted.some((value) => !/^\d{1,20}$/.test(value))) return null;
  return {
    state: field(3),
    processGroup: Number(field(5)),
    cpuMs: (Number(field(14)) + Number(field(15))) * msPerTick,
    startTicks: field(22),
  };
}

/** Reads `ps -o time=` as milliseconds: [days-][hours:]minutes:seconds[.hundredths]; null when it is something else. */
export function parsePsTimeMs(text: string): number | null {
  const [, days, clock] = /^\s*(?:(\d{1,6})-)?((?:\d{1,6}:)?\d{1,6}:\d{2}(?:\.\d{1,3})?)\s*$/.exec(text) ?? [];
  if (clock === undefined) return null;
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days ?? 0) * 86_400 + seconds) * 1000);
}

/** Reads `ps -o lstart=` of the language C, without the padding of the day; null when it is something else. */
export function parsePsStart(text: string): string | null {
  const start = text.trim().replaceAll(/ +/g, ' ');
  return /^\w{3} \w{3} \d{1,2} \d{2}:\d{2}:\d{2} \d{4}$/.test(start) ? start : null;
}
