import { TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { DiskSpace } from '../../contract/recording.ts';
import { useServices } from '../app/services.ts';
import { recordRoomWords } from './space-words.ts';

/** How often the room on the disk is asked for while nothing is recorded, in milliseconds. */
const ASK_EVERY_MS = 15_000;

/** How long the free space lasts at the quality of the settings, before Record is pressed. */
export function SpaceLine({ people }: { people: number }) {
  const { client } = useServices();
  const [space, setSpace] = useState<DiskSpace | null>(null);
  useEffect(() => {
    let over = false;
    const ask = async (): Promise<void> => {
      const answer = await client.request('recording.space', { people }).catch(() => null);
      if (!over) setSpace(answer);
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_EVERY_MS);
    // They say where recordings go and how many bytes a second they take.
    const undoSettings = client.on('settings.changed', () => void ask());
    return () => {
      over = true;
      clearInterval(timer);
      undoSettings();
    };
  }, [client, people]);

  if (space === null) return null;
  const isEnough = space.level === 'ok';
  return (
    <span className="space-line figures" data-level={space.level}>
      {isEnough ? null : <TriangleAlert className="icon" aria-hidden />}
      {recordRoomWords(space)}
    </span>
  );
}
