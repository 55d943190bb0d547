import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { cloudProviderSchema } from '../../contract/cloud.ts';
import type { SettingsPatch } from '../../contract/settings.ts';
import { useNavigate, useServices, useSettings } from '../app/services.ts';
import { waitWords } from '../library/cloud-words.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { useStore } from '../ui/store.ts';
import { providerChoices, providerPatch } from './cloud-fields.ts';
import { CloudBucket } from './CloudBucket.tsx';
import { CloudCredentials } from './CloudCredentials.tsx';
import { CloudSending } from './CloudSending.tsx';
import { ConnectionCheck } from './ConnectionCheck.tsx';
import { SelectSetting } from './SelectSetting.tsx';

/** The person's own bucket: where, with which key, what and when. */
export function CloudSection({ onSave }: { onSave: (patch: SettingsPatch) => void }) {
  const { cloud } = useServices();
  const view = useStore(cloud);
  const settings = useSettings();
  const provider = settings.cloudProvider;
  return (
    <>
      <SelectSetting
        name="cloudProvider"
        label="Provider"
        help="Who runs the bucket that finished recordings go to."
        value={provider}
        choices={providerChoices}
        onChange={(value) => {
          const chosen = parseUntrusted(cloudProviderSchema, value);
          if (chosen.success) onSave(providerPatch(chosen.data, settings));
        }}
      />
      {provider === 'none' ? (
        <NoProvider />
      ) : (
        <>
          <CloudBucket onSave={onSave} />
          {view.kind === 'loading' ? (
            <div className="skeleton about-skeleton" role="status" aria-label="Looking for credentials" />
          ) : null}
          {view.kind === 'failed' ? <ErrorNotice error={view.error} onHelp={() => void cloud.load()} /> : null}
          {view.kind === 'ready' ? (
            <>
              <CloudCredentials provider={provider} status={view.status} onSave={onSave} />
              <ConnectionCheck ready={view.status.ready} />
            </>
          ) : null}
          <CloudSending onSave={onSave} />
          {view.kind === 'ready' && view.status.queuedRecordings > 0 ? (
            <p className="small quiet figures">
              {view.status.queuedRecordings === 1
                ? '1 recording is on its way.'
                : `${view.status.queuedRecordings} recordings are on their way.`}
              {view.status.waiting === null ? null : ` ${waitWords(view.status.waiting)}.`}
            </p>
          ) : null}
        </>
      )}
      <CopiesLine />
    </>
  );
}

function NoProvider() {
  return (
    <div className="cloud-none">
      <p>Your recordings stay on this computer, and nowhere else.</p>
      <p className="quiet">
        If you have a bucket of your own, finished recordings can go there as well: at Amazon S3, on any server that
        speaks S3, or at Google Cloud. A recording is called “in your bucket” only after the bytes there were compared
        with the bytes here. Uploads wait while you record, and go on after a restart where they were.
      </p>
    </div>
  );
}

/** What stays here is a matter of recordings, bucket or not. */
function CopiesLine() {
  const navigate = useNavigate();
  return (
    <p className="small quiet">
      How long copies stay on this computer is set with the recordings.{' '}
      <Button
        look="plain"
        className="text-button"
        onClick={() => navigate({ kind: 'opened', screen: { kind: 'settings', section: 'recording' } })}
      >
        Open recording settings
      </Button>
    </p>
  );
}
