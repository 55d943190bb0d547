import { protocol } from 'electron';
import { MEDIA_SCHEME } from '../../contract/media-url.ts';
import type { Recording } from '../../contract/recording.ts';
import { answerMediaRequest } from './media-response.ts';

// Electron security guide, 18: custom protocols instead of file://
// https://www.electronjs.org/docs/latest/tutorial/security#18-avoid-usage-of-the-file-protocol-and-prefer-usage-of-custom-protocols

/** Serves finished files and thumbnails of known recordings to the player, with Range. */
export function serveRecordings(findRecording: (id: Recording['id']) => Promise<Recording | null>): void {
  protocol.handle(MEDIA_SCHEME, async (request) => {
    try {
      return await answerMediaRequest(request, findRecording);
    } catch {
      return new Response(null, { status: 500 });
    }
  });
}
