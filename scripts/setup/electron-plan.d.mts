export type ElectronState = 'absent' | 'broken' | 'works';
export type ElectronOrigin = 'override' | 'official' | 'development-copy';
export function planElectron(facts: {
  override: ElectronState;
  official: ElectronState;
  copy: ElectronState;
  refused: boolean;
  downloadTried?: boolean;
  copyTried?: boolean;
  platform: string;
}): { kind: 'use'; origin: ElectronOrigin } | { kind: 'download' } | { kind: 'fetch-copy' } | { kind: 'impossible' };
