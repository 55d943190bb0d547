import { TriangleAlert } from 'lucide-react';
import type { ErrorShape } from '../../contract/errors.ts';
import { Button } from './Button.tsx';
import { errorWords, type ErrorHelp, type ErrorWords } from './error-words.ts';

type ErrorNoticeProps = {
  error: ErrorShape;
  /** Words that fit the place better than those of the code. */
  words?: ErrorWords;
  onHelp?: (help: ErrorHelp) => void;
  onDismiss?: () => void;
};

/** An error as a person meets it: a sentence, the next step, one button that helps; the code is behind "Details". */
export function ErrorNotice({ error, words, onHelp, onDismiss }: ErrorNoticeProps) {
  const { sentence, nextStep, help } = words ?? errorWords(error.code);
  return (
    <div className="notice" data-tone="warning" role="alert">
      <TriangleAlert className="icon" aria-hidden />
      <div className="notice-body">
        <strong>{sentence}</strong>
        <span>{nextStep}</span>
        <details>
          <summary>Details</summary>
          {error.code}: {error.message}
        </details>
        {(help !== null && onHelp !== undefined) || onDismiss !== undefined ? (
          <div className="notice-buttons">
            {help !== null && onHelp !== undefined ? (
              <Button look="outline" onClick={() => onHelp(help)}>
                {help.label}
              </Button>
            ) : null}
            {onDismiss === undefined ? null : (
              <Button look="plain" onClick={onDismiss}>
                Dismiss
              </Button>
            )}
          </div>
        ) : null}
      </div>
    </div>
  );
}
