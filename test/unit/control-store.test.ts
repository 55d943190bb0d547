import { expect, it } from 'vitest';
import type { ControlStatus } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import { createControlStore } from '../../renderer/app/control-store.ts';
import type { AppClient } from '../../renderer/app-client.ts';

const off: ControlStatus = { state: 'off', port: null, file: null, error: null, byArgument: false };
const on: ControlStatus = { ...off, state: 'on', port: 41_234, file: '/profile/control.json' };

function makeMain() {
  const requests: string[] = [];
  const state = { refuse: false, answer: off, beforeAnswer: (): void => undefined };
  let tell: (status: ControlStatus) => void = () => undefined;
  const request = async (name: string): Promise<unknown> => {
    requests.push(name);
    if (state.refuse) throw new AppError('INTERNAL', 'No.');
    const { answer } = state;
    state.beforeAnswer();
    return name === 'control.copyToken' ? {} : answer;
  };
  const client: AppClient = {
    request: request as AppClient['request'],
    on: (_, listener) => {
      tell = listener as typeof tell;
      return () => {
        tell = () => undefined;
      };
    },
  };
  return { client, state, requests, tell: (status: ControlStatus) => tell(status) };
}

it('reads how the control API is, and follows what main tells', async () => {
  const { client, tell } = makeMain();
  const store = createControlStore(client);
  expect(store.get()).toEqual({ kind: 'loading' });
  await store.load();
  expect(store.get()).toEqual({ kind: 'ready', status: off });
  tell(on);
  expect(store.get()).toEqual({ kind: 'ready', status: on });
});

it('does not go back to an answer that is older than what was told', async () => {
  const { client, state, tell } = makeMain();
  const store = createControlStore(client);
  state.beforeAnswer = () => tell(on);
  await store.load();
  expect(store.get()).toEqual({ kind: 'ready', status: on });
});

it('keeps what is known when a reading fails, and says why when nothing is', async () => {
  const { client, state, tell } = makeMain();
  const store = createControlStore(client);
  state.refuse = true;
  await store.load();
  expect(store.get()).toMatchObject({ kind: 'failed', error: { code: 'INTERNAL' } });
  tell(on);
  await store.load();
  expect(store.get()).toEqual({ kind: 'ready', status: on });
});

it('hands on why no new token was made', async () => {
  const { client, state } = makeMain();
  const store = createControlStore(client);
  state.refuse = true;
  await expect(store.renewToken()).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(store.copyToken()).rejects.toMatchObject({ code: 'INTERNAL' });
});

it('asks main to copy the token, and is given nothing of it', async () => {
  const { client, requests } = makeMain();
  const store = createControlStore(client);
  await store.load();
  await expect(store.copyToken()).resolves.toBeUndefined();
  expect(requests).toEqual(['control.status', 'control.copyToken']);
  expect(store.get()).toEqual({ kind: 'ready', status: off });
});

it('hears nothing more once it is disposed', async () => {
  const { client, tell } = makeMain();
  const store = createControlStore(client);
  store.dispose();
  tell(on);
  expect(store.get()).toEqual({ kind: 'loading' });
});
