import type { SettingsPatch } from '../../contract/settings.ts';
import { NumberSetting } from './NumberSetting.tsx';
import { checkReserve, reserveWords } from './reserve.ts';

type ReserveSettingProps = { valueBytes: number; onSave: (patch: SettingsPatch) => void };

/** How much room a recording leaves on the disk. */
export function ReserveSetting({ valueBytes, onSave }: ReserveSettingProps) {
  return (
    <NumberSetting
      name="diskReserveBytes"
      label="Room to keep on the disk, in GB"
      help="With less than this free, a recording warns you and counts down. At a tenth of it, it ends by itself while everything can still be saved. With 0 only a full disk ends it."
      shown={reserveWords(valueBytes)}
      check={checkReserve}
      onSave={onSave}
    />
  );
}
