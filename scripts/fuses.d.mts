import type { FuseV1Options } from '@electron/fuses';

export function fusesFor(platform: string): Record<FuseV1Options, boolean>;
export function programIn(folder: string, platform: string, names: { product: string; executable: string }): string;
