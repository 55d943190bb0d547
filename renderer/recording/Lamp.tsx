import { TriangleAlert } from 'lucide-react';
import type { LampState } from './lamp-state.ts';
import './recording.css';

/** The tally light itself: a ring, a solid red disc when bytes are on the disk, a warning triangle when they are not. */
export function Lamp({ state }: { state: LampState }) {
  if (state.kind === 'degraded') return <TriangleAlert className="lamp-warning" data-lamp="degraded" aria-hidden />;
  return <span className="lamp" data-lamp={state.kind} aria-hidden />;
}
