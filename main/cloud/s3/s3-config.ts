import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Destination } from '../../../contract/cloud.ts';
import { AppError, assertNever } from '../../../contract/errors.ts';
import type { Credentials } from '../credentials.ts';

export type S3Options = {
  /** How long a request may stand still, ms. */
  idleLimitMs?: number;
  /** How many parts or uploads are asked for at once. */
  listPageSize?: number;
  /**
   * `sha256`: the server keeps SHA-256 checksums of parts and of the whole, as Amazon does, and they are believed. Everywhere else the
   * object is read back.
   */
  checksums?: 'sha256' | 'none';
};

/** Where nobody names a region: what S3-compatible servers call theirs, and Amazon's first one. */
const DEFAULT_REGION = 'us-east-1';

const nothing = (): void => undefined;
/** The library says nothing by itself: its words may hold addresses and headers. */
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The library's settings for a destination; how requests are sent is added by the caller. */
export function clientConfig(destination: Destination, credentials: Credentials): S3ClientConfig {
  const endpoint = endpointOf(destination);
  const region = destination.region || defaultRegion(endpoint, credentials);
  return {
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? { ignoreConfiguredEndpointUrls: true } : { endpoint: endpoint.href }),
    ...whoOf(credentials),
    forcePathStyle: destination.pathStyle,
    // The library's default, a CRC32 in a trailer, is refused by servers that only speak like Amazon's.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Whether and when to try again is decided in one place for all targets.
    maxAttempts: 1,
    logger: silent,
  };
}

/** The server's address; null for Amazon's own. */
export function endpointOf({ endpoint }: Destination): URL | null {
  if (endpoint === '') return null;
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new AppError('CLOUD_NOT_SET_UP', 'The address of the server is not an http or https address.');
  }
  return url;
}

/** Host and port that answer for a destination. */
export function addressOf(endpoint: URL | null, region: string | null): { host: string; port: number } {
  if (endpoint !== null) {
    const port = Number(endpoint.port) || (endpoint.protocol === 'http:' ? 80 : 443);
    return { host: endpoint.hostname.replaceAll(/^\[|\]$/g, ''), port };
  }
  if (region === null) return { host: 's3.amazonaws.com', port: 443 };
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { host: `s3.${region}.${domain}`, port: 443 };
}

/** Null: left to the shared config file and the environment. */
function defaultRegion(endpoint: URL | null, { kind }: Credentials): string | null {
  return endpoint === null && (kind === 's3Profile' || kind === 'default') ? null : DEFAULT_REGION;
}

function whoOf(credentials: Credentials): Pick<S3ClientConfig, 'credentials' | 'profile'> {
  switch (credentials.kind) {
    case 's3Keys': {
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) } };
    }
    case 's3Profile':
      return { profile: credentials.profile };
    case 'default':
      return {};
    case 'gcsServiceAccount':
      throw new AppError('CLOUD_CREDENTIALS_INVALID', 'A key of Google Cloud does not open an S3 bucket.');
    default:
      return assertNever(credentials);
  }
}
