import { useState } from 'react';
import type { SettingsPatch } from '../../contract/settings.ts';
import { capUnits, capWords, checkCap, type CapUnit } from './cap.ts';
import { NumberSetting } from './NumberSetting.tsx';

type CapSettingProps = { bytesPerSecond: number; onSave: (patch: SettingsPatch) => void };

/** How much of the line sending may take. */
export function CapSetting({ bytesPerSecond, onSave }: CapSettingProps) {
  const [unit, setUnit] = useState<CapUnit>('Mbit/s');
  return (
    <NumberSetting
      name="cloudCapBytesPerSecond"
      label="Speed limit"
      help="Sending takes at most this much of the line. 0 is no limit."
      shown={capWords(bytesPerSecond, unit)}
      check={(typed) => checkCap(typed, unit)}
      onSave={onSave}
    >
      <select
        className="select"
        aria-label="Unit of the speed limit"
        value={unit}
        onChange={(event) => {
          const chosen = capUnits.find((each) => each === event.target.value);
          if (chosen !== undefined) setUnit(chosen);
        }}
      >
        {capUnits.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </NumberSetting>
  );
}
