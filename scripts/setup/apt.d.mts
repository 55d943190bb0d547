export function installWithApt(packages: string[], purpose: string): Promise<void>;
export function installable(names: string[]): Promise<Set<string>>;
export function parsePolicy(text: string): Set<string>;
