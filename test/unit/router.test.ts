import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { requests, type RequestName } from '../../contract/requests.ts';
import { createRouter, type Handlers } from '../../main/ipc/router.ts';

const names = Object.keys(requests) as RequestName[];
const trusted = { trusted: true };

function setUp(handlers: Partial<Handlers> = {}) {
  const called: string[] = [];
  const faults: { name: string; error: unknown }[] = [];
  const recorded = Object.fromEntries(names.map((name) => [name, () => called.push(name)])) as unknown as Handlers;
  const router = createRouter(
    { ...recorded, ...handlers },
    { checkOutputs: true, onFault: (fault) => faults.push(fault) },
  );
  return { router, called, faults };
}

describe('the door of every request', () => {
  it.each(names)('%s refuses input that is not in its form, and its handler never runs', async (name) => {
    const { router, called } = setUp();
    for (const junk of [null, undefined, 42, 'junk', [], { surprise: 1 }, () => 1, new Uint8Array(4)]) {
      const result = await router.handle(name, junk, trusted);
      expect(result).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
    }
    expect(called).toEqual([]);
  });

  it.each(['call.create', 'call.join', 'recording.rename', 'app.copyText', 'settings.update'] as const)(
    '%s refuses fields whose length converts to nothing, and nobody has to foresee it',
    async (name) => {
      const { router, called, faults } = setUp();
      const hostile: unknown = JSON.parse('{"length":{"toString":1,"valueOf":1}}');
      const fields = Object.keys(requests[name].input.shape);
      const result = await router.handle(name, Object.fromEntries(fields.map((field) => [field, hostile])), trusted);
      expect(result).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
      expect([called, faults]).toEqual([[], []]);
    },
  );

  it('says which field is wrong', async () => {
    const { router } = setUp();
    const wrongText = await router.handle('app.copyText', { text: 7 }, trusted);
    expect(wrongText).toMatchObject({ ok: false, error: { details: { field: 'text' } } });
    const wrongUrl = await router.handle('settings.update', { iceServers: [{ urls: ['http://a'] }] }, trusted);
    expect(wrongUrl).toMatchObject({ ok: false, error: { details: { field: 'iceServers.0.urls.0' } } });
    const unknown = await router.handle('settings.update', { colour: 'red' }, trusted);
    expect(unknown).toMatchObject({ ok: false, error: { details: { field: 'colour' } } });
  });

  it.each(['recording.paint', '', 'constructor', '__proto__', 'toString', 7, null, { name: 'app.close' }])(
    'does not know a request named %s',
    async (name) => {
      const { router } = setUp();
      expect(await router.handle(name, {}, trusted)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_REQUEST' } });
    },
  );

  it('refuses an untrusted sender before it looks at anything else', async () => {
    const { router, called, faults } = setUp();
    expect(await router.handle('settings.get', {}, { trusted: false })).toMatchObject({
      ok: false,
      error: { code: 'UNTRUSTED_SENDER' },
    });
    expect(await router.handle('no such name', null, { trusted: false })).toMatchObject({
      ok: false,
      error: { code: 'UNTRUSTED_SENDER' },
    });
    expect(called).toEqual([]);
    expect(faults).toHaveLength(2);
  });

  it('hands the parsed input on and the answer back', async () => {
    const { router } = setUp({ 'settings.update': ({ displayName = '' }) => ({ ...DEFAULT_SETTINGS, displayName }) });
    expect(await router.handle('settings.update', { displayName: 'Ana' }, trusted)).toEqual({
      ok: true,
      value: { ...DEFAULT_SETTINGS, displayName: 'Ana' },
    });
  });

  it('lets a typed error through with its details', async () => {
    const { router, faults } = setUp({
      'call.leave': () => {
        throw new AppError('NOT_IN_CALL', 'You are in no call.', { details: { wanted: 3 }, retryable: true });
      },
    });
    expect(await router.handle('call.leave', {}, trusted)).toEqual({
      ok: false,
      error: { code: 'NOT_IN_CALL', message: 'You are in no call.', retryable: true, details: { wanted: 3 } },
    });
    expect(faults).toEqual([]);
  });

  it.each([new Error('secret /home/ana'), 'a string', null, undefined, 7, { stack: 'secret' }])(
    'leaks nothing of what a handler throws (%#)',
    async (thrown) => {
      const { router, faults } = setUp({
        'call.leave': () => {
          throw thrown;
        },
      });
      const result = await router.handle('call.leave', {}, trusted);
      expect(result).toEqual({
        ok: false,
        error: { code: 'INTERNAL', message: 'Something went wrong inside the app.', retryable: false },
      });
      expect(faults).toEqual([{ name: 'call.leave', error: thrown }]);
    },
  );

  it('does not let out an answer that is not in the contract', async () => {
    const { router, faults } = setUp({ 'settings.get': () => ({ ...DEFAULT_SETTINGS, format: 'avi' as 'mp4' }) });
    expect(await router.handle('settings.get', {}, trusted)).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(faults).toHaveLength(1);
  });
});
