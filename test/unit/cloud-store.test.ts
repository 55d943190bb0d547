import { expect, it } from 'vitest';
import type { CloudStatus } from '../../contract/cloud.ts';
import { AppError } from '../../contract/errors.ts';
import { createCloudStore } from '../../renderer/app/cloud-store.ts';
import type { AppClient } from '../../renderer/app-client.ts';

const nothing: CloudStatus = {
  ready: false,
  credentials: { kind: 'none' },
  protection: 'encrypted',
  unprotectedAllowed: false,
  waiting: null,
  queuedRecordings: 0,
};
const ready: CloudStatus = {
  ...nothing,
  ready: true,
  credentials: { kind: 'stored', label: '7Q2A', kept: 'encrypted' },
};

function makeMain() {
  const state = { refuse: false };
  let tell: (status: CloudStatus) => void = () => undefined;
  const request = async (name: string): Promise<unknown> => {
    if (state.refuse) throw new AppError('CLOUD_CREDENTIALS_INVALID', 'No.');
    return name === 'cloud.setCredentials' ? ready : nothing;
  };
  const client: AppClient = {
    request: request as AppClient['request'],
    on: (_, listener) => {
      tell = listener as typeof tell;
      return () => undefined;
    },
  };
  return { client, state, tell: (status: CloudStatus) => tell(status) };
}

const secret = { kind: 's3Keys', accessKeyId: 'AKIA7Q2A', secretAccessKey: 'canary' } as const;

it('knows credentials by what main says of them, and keeps nothing of what was typed', async () => {
  const store = createCloudStore(makeMain().client);
  await store.setCredentials(secret);
  expect(store.get()).toEqual({ kind: 'ready', status: ready });
  expect(JSON.stringify(store.get())).not.toContain('canary');
});

it('hands on why credentials were refused, and goes on with what was in use', async () => {
  const { client, state } = makeMain();
  const store = createCloudStore(client);
  await store.load();
  state.refuse = true;
  await expect(store.setCredentials(secret)).rejects.toMatchObject({ code: 'CLOUD_CREDENTIALS_INVALID' });
  expect(store.get()).toEqual({ kind: 'ready', status: nothing });
});

it('follows what main tells, also after a reading that failed', async () => {
  const { client, state, tell } = makeMain();
  const store = createCloudStore(client);
  state.refuse = true;
  await store.load();
  expect(store.get()).toMatchObject({ kind: 'failed' });
  tell(ready);
  expect(store.get()).toEqual({ kind: 'ready', status: ready });
});
