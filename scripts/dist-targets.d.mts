import type { ElectronOrigin } from './setup/electron-plan.mjs';

export type TargetPlan =
  | { kind: 'refused'; message: string; remedy: string }
  | { kind: 'make'; flag: string; targets: string[]; skipped: { target: string; reason: string }[] };
export function planTargets(args: string[], machine: { electronOrigin: ElectronOrigin; platform: string }): TargetPlan;
export type Entry = { name: string; isFolder: boolean; changedAtMs: number };
export function artifactsOf(target: string, platform: string, entries: Entry[], startedAtMs: number): string[];
export function downloadFailure(output: string): string | undefined;
