import type { ElectronOrigin } from './setup/electron-plan.mjs';

export type TargetPlan =
  | { kind: 'refused'; message: string; remedy: string }
  | { kind: 'make'; targets: string[]; skipped: { target: string; reason: string }[] };
export function planTargets(args: string[], electronOrigin: ElectronOrigin): TargetPlan;
