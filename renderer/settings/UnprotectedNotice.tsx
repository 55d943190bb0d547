import { TriangleAlert } from 'lucide-react';
import { useId } from 'react';
import { Toggle } from '../ui/Toggle.tsx';

type UnprotectedNoticeProps = { allowed: boolean; busy: boolean; onAllow: (allowed: boolean) => void };

/** This computer has nothing to protect a key with: what that means, and the choice. */
export function UnprotectedNotice({ allowed, busy, onAllow }: UnprotectedNoticeProps) {
  const id = useId();
  return (
    <div className="notice" data-tone="warning">
      <TriangleAlert className="icon" aria-hidden />
      <div className="notice-body">
        <strong>This computer cannot protect a key.</strong>
        <span>
          {allowed
            ? 'It is kept as it is.'
            : 'So it is kept in memory until you quit, and you enter it again after the next start.'}
        </span>
        <div className="switch-setting notice-switch">
          <span className="switch-text">
            <label htmlFor={id}>Keep it on this computer unprotected</label>
            <span className="field-help" id={`${id}-help`}>
              Then everybody who can read your files, and every program you start, can read the key and use your bucket
              with it.
            </span>
          </span>
          <Toggle id={id} checked={allowed} disabled={busy} describedBy={`${id}-help`} onChange={onAllow} />
        </div>
      </div>
    </div>
  );
}
