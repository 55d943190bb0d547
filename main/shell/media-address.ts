import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { deliverableIdSchema, recordingIdSchema, type DeliverableId, type RecordingId } from '../../contract/ids.ts';
import { MEDIA_SCHEME } from '../../contract/media-url.ts';

/** What an address of the media scheme names. */
export type MediaAddress =
  | { kind: 'file'; recordingId: RecordingId; deliverableId: DeliverableId }
  | { kind: 'thumbnail'; recordingId: RecordingId; index: number };

/** Reads an address by its grammar alone; null for everything that contract/media-url.ts could not have made. */
export function parseMediaAddress(address: string): MediaAddress | null {
  const match = new RegExp(`^${MEDIA_SCHEME}://recording/([^/?#]+)/(file|thumbnail)/([^/?#]+)$`).exec(address);
  const recordingId = parseUntrusted(recordingIdSchema, match?.[1]);
  const last = match?.[3];
  if (!recordingId.success || last === undefined) return null;
  if (match?.[2] === 'thumbnail') {
    return /^\d{1,4}$/.test(last) ? { kind: 'thumbnail', recordingId: recordingId.data, index: Number(last) } : null;
  }
  const deliverableId = parseUntrusted(deliverableIdSchema, last);
  return deliverableId.success
    ? { kind: 'file', recordingId: recordingId.data, deliverableId: deliverableId.data }
    : null;
}
