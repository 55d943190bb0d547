const A_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * Reads an instant that somebody typed: with a time (and a zone, else this computer's), or a whole day, of which `edge` says
 * whether its first or its last millisecond is meant. Answers in UTC; null for what is no date.
 */
export function readInstant(text: string, edge: 'start' | 'end'): string | null {
  const day = A_DAY.exec(text.trim());
  if (day === null) {
    // Without the pattern Date would also take "1" and "May".
    if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text.trim())) return null;
    const time = new Date(text.trim());
    return Number.isNaN(time.getTime()) ? null : time.toISOString();
  }
  const [year, month, date] = day.slice(1).map(Number);
  if (year === undefined || month === undefined || date === undefined) return null;
  const start = new Date(year, month - 1, date);
  // Date rolls the 31st of a shorter month over.
  if (start.getMonth() !== month - 1 || start.getDate() !== date) return null;
  return edge === 'start' ? start.toISOString() : new Date(year, month - 1, date, 23, 59, 59, 999).toISOString();
}
