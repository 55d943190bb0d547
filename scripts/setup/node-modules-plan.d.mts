export function hashOfLock(lockText: string): string;
export function planNodeModules(facts: {
  lockText: string;
  stampText: string | undefined;
  installedText: string | undefined;
}): { kind: 'in-place' } | { kind: 'adopt' } | { kind: 'install'; reason: string };
