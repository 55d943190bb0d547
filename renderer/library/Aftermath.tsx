import type { Recording } from '../../contract/recording.ts';
import { aftermathOf } from './missing-words.ts';

/** One line of what is missing or different; the rest opens below it and shows on hover. */
export function Aftermath({ recording }: { recording: Recording }) {
  const aftermath = aftermathOf(recording);
  if (aftermath === null) return null;
  const { line, rest } = aftermath;
  if (rest.length === 0) {
    return (
      <span className="aftermath small quiet figures" title={line}>
        {line}
      </span>
    );
  }
  return (
    <details className="aftermath small quiet figures">
      <summary title={[line, ...rest].join('\n')}>
        <span className="one-line">{line}</span>
        <span className="aftermath-more">and {rest.length} more</span>
      </summary>
      <ul>
        {rest.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
    </details>
  );
}
