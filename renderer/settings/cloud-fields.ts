import type { CloudProvider } from '../../contract/cloud.ts';
import type { Settings, SettingsPatch } from '../../contract/settings.ts';

/** Providers in the order of their menu. */
export const providerChoices: { value: CloudProvider; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 's3', label: 'Amazon S3 or compatible' },
  { value: 'gcs', label: 'Google Cloud Storage' },
];

/** Settings of the cloud that only some providers know. */
export type CloudField = 'cloudRegion' | 'cloudEndpoint' | 'cloudPathStyle' | 'cloudProfile';

/** Whether a setting matters with what is chosen beside it. */
export function cloudFieldMatters(
  field: CloudField,
  settings: Pick<Settings, 'cloudProvider' | 'cloudEndpoint' | 'cloudCredentials'>,
): boolean {
  // What was set for another provider, or by the environment, is used with Google too: nobody must have to guess it.
  if (settings.cloudProvider === 'gcs') return field === 'cloudEndpoint' && settings.cloudEndpoint !== '';
  if (settings.cloudProvider === 'none') return false;
  switch (field) {
    case 'cloudRegion':
    case 'cloudEndpoint':
      return true;
    case 'cloudPathStyle':
      return settings.cloudEndpoint !== '';
    case 'cloudProfile':
      return settings.cloudCredentials === 'profile';
    default:
      return false;
  }
}

/** Ways to prove who one is that a provider knows. */
export function credentialChoices(
  provider: CloudProvider,
): { value: Settings['cloudCredentials']; label: string; meaning: string }[] {
  if (provider === 's3') {
    return [
      { value: 'stored', label: 'Keys', meaning: 'An access key that you enter here.' },
      { value: 'profile', label: 'Profile', meaning: 'A profile of the AWS config on this computer, by its name.' },
      { value: 'default', label: 'This computer', meaning: "What Amazon's own tools find on this computer." },
    ];
  }
  return [
    { value: 'stored', label: 'Service account', meaning: 'The JSON key file of a service account.' },
    { value: 'default', label: 'This computer', meaning: "What Google's own tools find on this computer." },
  ];
}

/** What a change of the provider changes: ways that the new one does not know fall back to entered credentials. */
export function providerPatch(
  provider: CloudProvider,
  { cloudCredentials }: Pick<Settings, 'cloudCredentials'>,
): SettingsPatch {
  const known = provider === 'none' || credentialChoices(provider).some(({ value }) => value === cloudCredentials);
  return { cloudProvider: provider, ...(known ? {} : { cloudCredentials: 'stored' }) };
}

/** What a result of the connection test is about; it is forgotten when this changes. */
export function destinationKey(settings: Settings): string {
  const { cloudProvider, cloudBucket, cloudRegion, cloudPrefix, cloudEndpoint, cloudPathStyle } = settings;
  const { cloudCredentials, cloudProfile } = settings;
  return JSON.stringify([
    cloudProvider,
    cloudBucket,
    cloudRegion,
    cloudPrefix,
    cloudEndpoint,
    cloudPathStyle,
    cloudCredentials,
    cloudProfile,
  ]);
}
