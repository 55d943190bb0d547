import { TriangleAlert } from 'lucide-react';
import { useServices } from '../app/services.ts';
import { useStore } from '../ui/store.ts';

/** Environment variables that were not understood, and so decide nothing. */
export function OverrideProblems() {
  const view = useStore(useServices().environment);
  const problems = view.kind === 'ready' ? view.environment.overrideProblems : [];
  if (problems.length === 0) return null;
  return (
    <div className="notice" data-tone="warning" role="status">
      <TriangleAlert className="icon" aria-hidden />
      <div className="notice-body selectable">
        <strong>
          {problems.length === 1
            ? 'An environment variable was not understood and is ignored.'
            : `${problems.length} environment variables were not understood and are ignored.`}
        </strong>
        {problems.map(({ variable, message }) => (
          <span key={variable}>
            {variable}: {message}
          </span>
        ))}
      </div>
    </div>
  );
}
