import { TriangleAlert } from 'lucide-react';
import type { DeleteWords } from './delete-words.ts';

/** What is said before something is deleted. */
export function DeleteText({ words: { text, warning } }: { words: DeleteWords }) {
  return (
    <>
      {text.map((line) => (
        <p key={line} className="quiet selectable">
          {line}
        </p>
      ))}
      {warning === null ? null : (
        <p className="dialog-warning" role="status">
          <TriangleAlert className="icon" aria-hidden />
          {warning}
        </p>
      )}
    </>
  );
}
