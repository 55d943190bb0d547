import type {
  CloudStatus,
  ConnectionTest,
  CredentialsInUse,
  Destination,
  NewCredentials,
} from '../../contract/cloud.ts';
import { AppError, assertNever } from '../../contract/errors.ts';
import type { Settings } from '../../contract/settings.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import type { CloudTarget } from './cloud-target.ts';
import { testConnection, type TestPorts } from './connection-test.ts';
import type { Credentials } from './credentials.ts';
import type { Protection, Secrets } from './secrets.ts';
import { formatKept, labelOf, parseKept, providerOf, readNewCredentials, secretNameOf } from './stored-credentials.ts';

/** Where uploads go and with which credentials, from settings, environment and secrets. */
export type CloudSetup = {
  /** As the settings say now; null when no bucket is chosen. */
  destination: () => Destination | null;
  /** Rejects with CLOUD_NOT_SET_UP, CLOUD_CREDENTIALS_INVALID or SECRETS_UNAVAILABLE. */
  openTarget: (destination: Destination) => Promise<CloudTarget>;
  facts: () => Promise<Pick<CloudStatus, 'ready' | 'credentials' | 'protection' | 'unprotectedAllowed'>>;
  setCredentials: (credentials: NewCredentials) => Promise<void>;
  forgetCredentials: () => Promise<void>;
  allowUnprotected: (allowed: boolean) => Promise<void>;
  test: () => Promise<ConnectionTest>;
  /** Called when another destination or other credentials are in use. */
  subscribe: (listener: () => void) => () => void;
};

type Provider = Destination['provider'];

/** Opens a bucket of one provider. */
type Opener = (destination: Destination, credentials: Credentials) => Promise<CloudTarget>;

export type CloudSetupParts = {
  settings: Pick<SettingsStore, 'get' | 'subscribe'>;
  secrets: Secrets;
  /** Of RECORDING_STORAGE_CREDENTIALS; they go before all others of their provider. */
  environmentCredentials: Credentials | null;
  openers: Readonly<Record<Provider, Opener>>;
  ports: TestPorts;
};

/** Where the settings point to; null when no bucket is chosen. */
export function destinationOf(settings: Settings): Destination | null {
  const bucket = settings.cloudBucket.trim();
  if (settings.cloudProvider === 'none' || bucket === '') return null;
  const endpoint = settings.cloudEndpoint.trim();
  return {
    provider: settings.cloudProvider,
    bucket,
    region: settings.cloudRegion.trim(),
    endpoint,
    pathStyle: endpoint !== '' && settings.cloudPathStyle,
  };
}

/** The settings that decide where uploads go and who sends them. */
const deciding = (settings: Settings): string =>
  JSON.stringify([destinationOf(settings), settings.cloudProvider, settings.cloudCredentials, settings.cloudProfile]);

const NO_BUCKET = 'No bucket is chosen yet.';

/** Which of the possible credentials are in use for a provider, before anything secret is looked at. */
function sourceOf(
  provider: Provider,
  settings: Settings,
  environment: Credentials | null,
):
  | { kind: 'environment'; credentials: Credentials }
  | { kind: 'stored' | 'default' | 'noProfile' }
  | { kind: 'profile'; profile: string } {
  if (environment !== null && environmentFits(environment, provider)) {
    return { kind: 'environment', credentials: environment };
  }
  switch (settings.cloudCredentials) {
    case 'stored':
      return { kind: 'stored' };
    case 'default':
      return { kind: 'default' };
    case 'profile': {
      const profile = settings.cloudProfile.trim();
      // Profiles are of the AWS config.
      return provider === 's3' && profile !== '' ? { kind: 'profile', profile } : { kind: 'noProfile' };
    }
    default:
      return assertNever(settings.cloudCredentials);
  }
}

const environmentFits = (credentials: Credentials, provider: Provider): boolean =>
  credentials.kind === (provider === 's3' ? 's3Keys' : 'gcsServiceAccount');

/** Makes what the cloud service asks for: the bucket of the settings, and the credentials that open it. */
export function createCloudSetup(parts: CloudSetupParts): CloudSetup {
  const { settings, secrets, environmentCredentials, openers, ports } = parts;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  let decided = deciding(settings.get());
  settings.subscribe((changed) => {
    const now = deciding(changed);
    if (now === decided) return;
    decided = now;
    tell();
  });

  async function credentialsFor(provider: Provider): Promise<Credentials> {
    const source = sourceOf(provider, settings.get(), environmentCredentials);
    switch (source.kind) {
      case 'environment':
        return source.credentials;
      case 'default':
        return { kind: 'default' };
      case 'profile':
        return { kind: 's3Profile', profile: source.profile };
      case 'noProfile':
        throw new AppError(
          'CLOUD_NOT_SET_UP',
          provider === 's3'
            ? 'No profile of the AWS config is named.'
            : 'Profiles are of the AWS config; choose other credentials for Google Cloud Storage.',
        );
      case 'stored': {
        const kept = await secrets.get(secretNameOf(provider));
        if (kept === null) throw new AppError('CLOUD_NOT_SET_UP', 'No credentials were entered yet.');
        return parseKept(kept, provider);
      }
      default:
        return assertNever(source);
    }
  }

  async function openTarget(destination: Destination): Promise<CloudTarget> {
    return openers[destination.provider](destination, await credentialsFor(destination.provider));
  }

  async function credentialsInUse(): Promise<CredentialsInUse> {
    const { cloudProvider } = settings.get();
    if (cloudProvider === 'none') return { kind: 'none' };
    const { kind } = sourceOf(cloudProvider, settings.get(), environmentCredentials);
    try {
      const credentials = await credentialsFor(cloudProvider);
      const label = labelOf(credentials);
      switch (kind) {
        case 'environment':
        case 'profile':
          return { kind, label };
        case 'default':
          return { kind };
        case 'stored': {
          const kept = await secrets.keptHow(secretNameOf(cloudProvider));
          return kept === null ? { kind: 'none' } : { kind, label, kept };
        }
        case 'noProfile':
          return { kind: 'none' };
        default:
          return assertNever(kind);
      }
    } catch {
      // Whoever opens the bucket is told why.
      return { kind: 'none' };
    }
  }

  let protection: Protection | null = null;

  return {
    destination: () => destinationOf(settings.get()),
    openTarget,
    async facts() {
      const credentials = await credentialsInUse();
      // Asking may make the system ask for a password: only for those who want a bucket.
      if (settings.get().cloudProvider !== 'none') protection = await secrets.protection();
      return {
        ready: destinationOf(settings.get()) !== null && credentials.kind !== 'none',
        credentials,
        protection,
        unprotectedAllowed: secrets.unprotectedAllowed(),
      };
    },
    async setCredentials(entered) {
      const credentials = readNewCredentials(entered);
      await secrets.set(secretNameOf(providerOf(credentials)), formatKept(credentials));
      tell();
    },
    async forgetCredentials() {
      const { cloudProvider } = settings.get();
      const providers: Provider[] = cloudProvider === 'none' ? ['s3', 'gcs'] : [cloudProvider];
      for (const provider of providers) await secrets.remove(secretNameOf(provider));
      tell();
    },
    async allowUnprotected(allowed) {
      await secrets.allowUnprotected(allowed);
      tell();
    },
    test: () =>
      testConnection(
        async () => {
          const destination = destinationOf(settings.get());
          if (destination === null) throw new AppError('CLOUD_NOT_SET_UP', NO_BUCKET);
          return openTarget(destination);
        },
        settings.get().cloudPrefix,
        ports,
      ),
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
