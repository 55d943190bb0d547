/** The keys of a press, as the browser tells them. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'repeat'>;

/**
 * Whether a press is Alt+K, by the letter on the key; where Alt makes another sign of it (macOS) or the keyboard has no Latin
 * letters, by its place. AltGr tells itself as Control and Alt and is none.
 */
export function isMarkerKey(press: KeyPress): boolean {
  if (!press.altKey || press.ctrlKey || press.metaKey || press.shiftKey || press.repeat) return false;
  return /^[a-z]$/iu.test(press.key) ? press.key.toLowerCase() === 'k' : press.code === 'KeyK';
}
