import type { RecordingId } from '../../contract/ids.ts';
import { entryOf } from '../app/retention-store.ts';
import { useServices, useSettings } from '../app/services.ts';
import { useStore } from '../ui/store.ts';
import type { CommandPlace } from './commands.ts';

/** What the commands of a recording depend on besides itself. */
export function useCommandPlace(recordingId: RecordingId): CommandPlace {
  const services = useServices();
  const cloud = useStore(services.cloud);
  const { status } = useStore(services.retention);
  const { cloudWhat } = useSettings();
  return {
    bucketReady: cloud.kind === 'ready' && cloud.status.ready,
    what: cloudWhat,
    mediaInBin: status.kind === 'ready' && entryOf(status.status.bin, recordingId, 'media') !== null,
  };
}
