import type { DeliverableId, RecordingId } from './ids.ts';

/** Scheme that serves recorded files to the player, with Range; nothing else is reachable through it. */
export const MEDIA_SCHEME = 'tallylight-media';

/** Address of a deliverable for the player inside the app. */
export function deliverableUrl(recordingId: RecordingId, deliverableId: DeliverableId): string {
  return `${MEDIA_SCHEME}://recording/${recordingId}/file/${deliverableId}`;
}

/** Address of the n-th thumbnail (from 0). */
export function thumbnailUrl(recordingId: RecordingId, index: number): string {
  return `${MEDIA_SCHEME}://recording/${recordingId}/thumbnail/${index}`;
}
