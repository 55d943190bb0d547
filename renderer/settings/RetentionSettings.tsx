import { TriangleAlert } from 'lucide-react';
import type { SettingsPatch } from '../../contract/settings.ts';
import { useSettings } from '../app/services.ts';
import { BIN_DAYS } from '../../contract/retention.ts';
import { ChoiceSetting } from './ChoiceSetting.tsx';
import { NumberSetting } from './NumberSetting.tsx';
import { checkDays } from './retention-days.ts';
import { SwitchSetting } from './SwitchSetting.tsx';

const policies = (unverified: boolean) =>
  [
    { value: 'forever', label: 'Keep for ever', meaning: 'Nothing leaves this computer by itself.' },
    {
      value: 'days',
      label: 'Keep for some days',
      meaning: unverified
        ? 'After that, it leaves this computer, whether your bucket has it or not.'
        : 'After that, what your bucket has, verified, leaves this computer. The rest stays.',
    },
    {
      value: 'verified',
      label: 'Keep until it is in your bucket',
      meaning: 'As soon as your bucket has all of it, verified, it leaves this computer.',
    },
  ] as const;

/** How long copies stay on this computer. */
export function RetentionSettings({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const settings = useSettings();
  const { retentionPolicy, cloudProvider, retentionUnverified } = settings;
  const needsBucket = retentionPolicy === 'verified' || (retentionPolicy === 'days' && !retentionUnverified);
  return (
    <section className="settings-part" aria-label="Copies on this computer">
      <h3>Copies on this computer</h3>
      <p className="small quiet">
        What leaves goes into the bin and can be brought back for {BIN_DAYS} days. You are told before. What you pin in
        the Library never leaves by itself.
      </p>
      <ChoiceSetting
        name="retentionPolicy"
        label="How long to keep them"
        value={retentionPolicy}
        options={policies(retentionUnverified)}
        help={needsBucket && cloudProvider === 'none' ? 'No bucket is set up, so nothing leaves.' : undefined}
        onChange={(policy) => onSave({ retentionPolicy: policy })}
      />
      {retentionPolicy === 'days' ? (
        <>
          <NumberSetting
            name="retentionDays"
            label="Days to keep them"
            help="Counted from the end of the recording."
            shown={String(settings.retentionDays)}
            check={checkDays}
            onSave={onSave}
          />
          <SwitchSetting
            name="retentionUnverified"
            label="Also recordings that are in no bucket"
            help="Off: what is not in your bucket, verified, stays, however old it is."
            checked={retentionUnverified}
            onChange={(on) => onSave({ retentionUnverified: on })}
          />
          {retentionUnverified ? (
            <div className="notice" data-tone="warning">
              <TriangleAlert className="icon" aria-hidden />
              <span>
                Of recordings that are in no bucket the last copy goes: after {settings.retentionDays} days into the
                bin, and {BIN_DAYS} days later for good.
              </span>
            </div>
          ) : null}
        </>
      ) : null}
    </section>
  );
}
