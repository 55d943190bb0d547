import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, settingsSchema } from '../../contract/settings.ts';
import { salvageSettings } from '../../main/settings/salvage-settings.ts';

const whole = { ...DEFAULT_SETTINGS, displayName: 'Ana', format: 'webm' as const, joinWithCamera: false };

describe('a settings file', () => {
  it('that is whole is read as it is', () => {
    expect(salvageSettings(JSON.stringify(whole))).toEqual({ settings: whole, damagedFields: [] });
  });

  it.each(Object.keys(settingsSchema.shape))('with a damaged %s loses that field only', (field) => {
    for (const bad of [null, { a: 1 }, 'x'.repeat(5000), -1]) {
      const text = JSON.stringify({ ...whole, [field]: bad });
      expect(salvageSettings(text)).toEqual({
        settings: { ...whole, [field]: DEFAULT_SETTINGS[field as keyof typeof DEFAULT_SETTINGS] },
        damagedFields: [field],
      });
    }
  });

  it.each(['', '{', 'null', '[]', '"x"', '\u0000\u0000\u0000'])('that holds %j gives the defaults', (text) => {
    expect(salvageSettings(text)).toEqual({ settings: DEFAULT_SETTINGS, damagedFields: ['*'] });
  });

  it('of an older version gets defaults for what it lacks, and is not called damaged', () => {
    expect(salvageSettings('{"displayName":"Ana"}')).toEqual({
      settings: { ...DEFAULT_SETTINGS, displayName: 'Ana' },
      damagedFields: [],
    });
  });

  it('with fields nobody knows drops them', () => {
    expect(salvageSettings('{"colour":"red","__proto__":{"format":"mkv"}}').settings).toEqual(DEFAULT_SETTINGS);
  });
});
