/** Sends a media element's sound to a speaker; one that is gone falls back to the system's own: hearing something beats an error. */
export async function playThrough(element: HTMLMediaElement, speakerId: string): Promise<void> {
  if (element.sinkId === speakerId) return;
  try {
    await element.setSinkId(speakerId);
  } catch {
    if (element.sinkId !== '') await element.setSinkId('').catch(() => undefined);
  }
}
