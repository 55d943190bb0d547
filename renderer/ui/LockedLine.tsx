import { Lock } from 'lucide-react';

/** Why a control cannot be changed here. */
export function LockedLine({ id, words }: { id: string; words: string }) {
  return (
    <span className="locked-line" id={id}>
      <Lock className="icon" aria-hidden />
      {words}
    </span>
  );
}
