export function missingSonames(lddText: string): string[];
export function packageNames(sonames: string[]): string[];
export function packagesFor(sonames: string[], available: Set<string>): { packages: string[]; unknown: string[] };
