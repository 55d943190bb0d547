import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { DEFAULT_SETTINGS, settingsSchema, type Settings } from '../../contract/settings.ts';

/** Reads the text of a settings file field by field: a field that is damaged gets its default, the others are kept. */
export function salvageSettings(text: string): { settings: Settings; damagedFields: string[] } {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return { settings: { ...DEFAULT_SETTINGS }, damagedFields: ['*'] };
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    return { settings: { ...DEFAULT_SETTINGS }, damagedFields: ['*'] };
  }
  const damagedFields: string[] = [];
  const kept: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  for (const [name, schema] of Object.entries(settingsSchema.shape)) {
    // A field that an older version did not write is not damaged.
    if (!Object.hasOwn(found, name)) continue;
    const parsed = parseUntrusted(schema, Reflect.get(found, name));
    if (parsed.success) kept[name] = parsed.data;
    else damagedFields.push(name);
  }
  return { settings: settingsSchema.parse(kept), damagedFields };
}
