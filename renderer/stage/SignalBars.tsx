import { Tip } from '../ui/Tip.tsx';
import type { PersonView } from '../call/call-view.ts';
import { useServices } from '../app/services.ts';
import { useStore } from '../ui/store.ts';
import { signalWord, signalWords } from './person-words.ts';

const BARS = [1, 2, 3, 4] as const;

/** How the way to a person is, or what is sent for the own one, in bars; the words come on hover and focus. Nothing before the first look. */
export function SignalBars({ person }: { person: PersonView }) {
  const quality = useStore(useServices().callQuality).get(person.participant.id);
  if (quality === undefined) return null;
  const words = signalWords(person, quality.words);
  const word = signalWord(person, quality);
  return (
    <Tip text={words}>
      <span className="signal" data-bars={quality.bars} role="img" aria-label={words} tabIndex={0}>
        <span className="signal-bars">
          {BARS.map((bar) => (
            <span key={bar} className="signal-bar" data-on={bar <= quality.bars} />
          ))}
        </span>
        {word}
      </span>
    </Tip>
  );
}
