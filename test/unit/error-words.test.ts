import { describe, expect, it } from 'vitest';
import { errorCodeSchema } from '../../contract/errors.ts';
import { deviceWords, errorWords, startErrorWords } from '../../renderer/ui/error-words.ts';

const everyWording = [
  ...errorCodeSchema.options.map((code) => [code, errorWords(code)] as const),
  ...(['camera', 'microphone'] as const).flatMap((device) =>
    (['DEVICE_MISSING', 'DEVICE_BUSY', 'DEVICE_BLOCKED'] as const).map(
      (code) => [`${device} ${code}`, deviceWords(device, code)] as const,
    ),
  ),
];

describe('errors in words', () => {
  it.each(everyWording)('%s has a sentence and a next step that a person can read', (_code, { sentence, nextStep }) => {
    for (const text of [sentence, nextStep]) {
      expect(text).toMatch(/^[A-Z][^!]*\.$/u);
      // No technical code in front of people.
      expect(text).not.toMatch(/[A-Z]{2,}_|\b(?:IPC|ENOENT|null|undefined|errno)\b/u);
    }
  });

  it('says different things for different codes', () => {
    const sentences = errorCodeSchema.options.map((code) => errorWords(code).sentence);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it('sends a person with an unwritable folder to the recording settings', () => {
    expect(errorWords('FOLDER_UNWRITABLE').help).toMatchObject({ kind: 'settings', section: 'recording' });
  });

  it('sends a person whose own server is away to the call settings, and a guest to the host', () => {
    expect(startErrorWords('SIGNALING_UNREACHABLE').help).toMatchObject({ kind: 'settings', section: 'call' });
    expect(errorWords('SIGNALING_UNREACHABLE').nextStep).toContain('host');
    expect(startErrorWords('RATE_LIMITED')).toBe(errorWords('RATE_LIMITED'));
  });

  it('fits a link that the host replaced as well as one that was cut off', () => {
    const { sentence, nextStep } = errorWords('INVITE_INVALID');
    expect(sentence).not.toContain('not a Tallylight');
    expect(nextStep).toMatch(/not whole.*new one/u);
  });

  it('says why a call takes no more people, whatever its limit is', () => {
    const { nextStep } = errorWords('CALL_FULL');
    expect(nextStep).toContain('each computer sends its picture');
    expect(nextStep).not.toMatch(/\bsix\b|\d/iu);
  });

  it('names the device that is busy', () => {
    expect(deviceWords('camera', 'DEVICE_BUSY').sentence).toBe('Another program is using your camera.');
    expect(deviceWords('microphone', 'DEVICE_MISSING').sentence).toBe('No microphone was found.');
  });
});
