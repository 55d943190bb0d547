import type { SettingsPatch } from '../../contract/settings.ts';
import { useSettings } from '../app/services.ts';
import { cloudFieldMatters } from './cloud-fields.ts';
import { SwitchSetting } from './SwitchSetting.tsx';
import { TextSetting } from './TextSetting.tsx';

/** Which bucket, and where in it; only what matters for the chosen provider. */
export function CloudBucket({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const settings = useSettings();
  return (
    <>
      <TextSetting
        name="cloudBucket"
        label="Bucket"
        help="Its name. It has to exist already."
        value={settings.cloudBucket}
        onSave={onSave}
      />
      {cloudFieldMatters('cloudRegion', settings) ? (
        <TextSetting
          name="cloudRegion"
          label="Region"
          help="Where the bucket lives, as its provider calls it. Empty: us-east-1, or that of the profile."
          placeholder="us-east-1"
          value={settings.cloudRegion}
          onSave={onSave}
        />
      ) : null}
      <TextSetting
        name="cloudPrefix"
        label="Prefix"
        help="Folder inside the bucket that everything goes into. Empty: the top."
        placeholder="The top of the bucket"
        value={settings.cloudPrefix}
        onSave={onSave}
      />
      {cloudFieldMatters('cloudEndpoint', settings) ? (
        <TextSetting
          name="cloudEndpoint"
          label="Endpoint"
          help={
            settings.cloudProvider === 'gcs'
              ? "Address of a server that speaks Google's language. Empty: Google's own."
              : "Address of a server that speaks S3. Empty: Amazon's own."
          }
          placeholder={settings.cloudProvider === 'gcs' ? "Google's own" : "Amazon's own"}
          value={settings.cloudEndpoint}
          onSave={onSave}
        />
      ) : null}
      {cloudFieldMatters('cloudPathStyle', settings) ? (
        <SwitchSetting
          name="cloudPathStyle"
          label="Bucket in the path"
          help="Most servers of one's own want the bucket's name in the path (path style). Off: in the host name."
          checked={settings.cloudPathStyle}
          onChange={(cloudPathStyle) => onSave({ cloudPathStyle })}
        />
      ) : null}
    </>
  );
}
