import { KeyRound } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { CloudProvider, CloudStatus, NewCredentials } from '../../contract/cloud.ts';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { SettingsPatch } from '../../contract/settings.ts';
import { useServices, useSettings } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { LockedLine } from '../ui/LockedLine.tsx';
import { ChoiceSetting } from './ChoiceSetting.tsx';
import { cloudFieldMatters, credentialChoices } from './cloud-fields.ts';
import { credentialsWords } from './credentials-words.ts';
import { KeyFileForm } from './KeyFileForm.tsx';
import { S3KeysForm } from './S3KeysForm.tsx';
import { TextSetting } from './TextSetting.tsx';
import { UnprotectedNotice } from './UnprotectedNotice.tsx';
import { useLocked } from './use-locked.ts';

type CloudCredentialsProps = {
  provider: Exclude<CloudProvider, 'none'>;
  status: CloudStatus;
  onSave: (patch: SettingsPatch) => void;
};

/** With what the bucket is opened: where it comes from, what is in use, and how it is kept. */
export function CloudCredentials({ provider, status, onSave }: CloudCredentialsProps) {
  const settings = useSettings();
  const locked = useLocked('cloudCredentials');
  const choices = credentialChoices(provider);
  const chosen = choices.find(({ value }) => value === settings.cloudCredentials)?.value ?? 'stored';
  if (status.credentials.kind === 'environment') {
    return (
      <section className="settings-part" aria-label="Credentials">
        <h3>Credentials</h3>
        <InUse provider={provider} status={status} />
        <LockedLine id="credentials-locked" words={locked ?? 'Set by an environment variable.'} />
      </section>
    );
  }
  return (
    <section className="settings-part" aria-label="Credentials">
      <h3>Credentials</h3>
      <ChoiceSetting
        // What the environment brings is for one provider; with the other one the choice is free.
        name={null}
        label="What opens the bucket"
        value={chosen}
        options={choices}
        onChange={(cloudCredentials) => onSave({ cloudCredentials })}
      />
      {chosen === 'stored' ? <StoredKey provider={provider} status={status} /> : null}
      {cloudFieldMatters('cloudProfile', settings) ? (
        <TextSetting
          name="cloudProfile"
          label="Profile"
          help="Its name in the AWS config on this computer."
          placeholder="default"
          value={settings.cloudProfile}
          onSave={onSave}
        />
      ) : null}
    </section>
  );
}

type KeyProps = { provider: Exclude<CloudProvider, 'none'>; status: CloudStatus };

function InUse({ provider, status, children }: KeyProps & { children?: ReactNode }) {
  const { what, how } = credentialsWords(provider, status.credentials);
  return (
    <div className="key-in-use">
      <KeyRound className="icon" aria-hidden />
      <span className="key-text">
        <span className="one-line">{what}</span>
        <span className="small quiet">{how}</span>
      </span>
      {children}
    </div>
  );
}

/** A key that was entered here: shown by its end only, replaced or forgotten. */
function StoredKey({ provider, status }: KeyProps) {
  const { cloud } = useServices();
  const [replacing, setReplacing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorShape | null>(null);
  const stored = status.credentials.kind === 'stored';

  const attempt = async (work: Promise<void>): Promise<boolean> => {
    setError(null);
    setBusy(true);
    try {
      await work;
      return true;
    } catch (problem) {
      setError(toErrorShape(problem));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const save = async (credentials: NewCredentials): Promise<boolean> => {
    const saved = await attempt(cloud.setCredentials(credentials));
    if (saved) setReplacing(false);
    return saved;
  };
  const form = { busy, onSave: save, onCancel: stored ? () => setReplacing(false) : null };

  return (
    <>
      {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      {stored && !replacing ? (
        <InUse provider={provider} status={status}>
          <Button look="outline" disabled={busy} onClick={() => setReplacing(true)}>
            Replace
          </Button>
          <Button look="plain" disabled={busy} onClick={() => void attempt(cloud.forgetCredentials())}>
            Forget
          </Button>
        </InUse>
      ) : provider === 's3' ? (
        <S3KeysForm {...form} />
      ) : (
        <KeyFileForm {...form} />
      )}
      {status.protection === 'unprotected' ? (
        <UnprotectedNotice
          allowed={status.unprotectedAllowed}
          busy={busy}
          onAllow={(allowed) => void attempt(cloud.allowUnprotected(allowed))}
        />
      ) : null}
    </>
  );
}
