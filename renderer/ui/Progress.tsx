import type { CSSProperties } from 'react';

/** How far something has come, `fraction` from 0 to 1; null while that is not known. */
export function Progress({ label, fraction }: { label: string; fraction: number | null }) {
  const style: CSSProperties & Record<'--fraction', number> = { '--fraction': fraction ?? 0 };
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.round(fraction * 100)}
    >
      <div className={fraction === null ? 'skeleton' : 'progress-fill'} style={style} />
    </div>
  );
}
