export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}
export function tallyVitest(report: unknown, exitCode: number): Tally;
export function tallyPlaywright(report: unknown, exitCode: number): Tally;
export function tallyFaults(stdout: string, exitCode: number): Tally;
export function sumTallies(tallies: Tally[]): Tally;
