import type { Choice } from '../ui/Select.tsx';

type Device = { deviceId: string; label: string };

/** Chromium lists these two aliases beside the real sound devices; the empty choice already means "the system's default". */
const aliases = new Set(['', 'default', 'communications']);

/** Choices of a device menu: the system's default first, then every real device; one that is chosen but gone stays visible. */
export function deviceChoices(devices: readonly Device[], chosenId: string, kind: string): Choice[] {
  const real = devices
    .filter((device) => !aliases.has(device.deviceId))
    .map((device, index) => ({ value: device.deviceId, label: device.label || `${kind} ${index + 1}` }));
  const gone = chosenId !== '' && !real.some((choice) => choice.value === chosenId);
  return [
    { value: '', label: 'System default' },
    ...real,
    ...(gone ? [{ value: chosenId, label: `Chosen ${kind.toLowerCase()}, not connected` }] : []),
  ];
}
