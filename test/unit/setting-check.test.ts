import { describe, expect, it } from 'vitest';
import { checkIceRow, checkSetting, iceRow } from '../../renderer/settings/setting-check.ts';

describe('typed settings', () => {
  it('takes a websocket address, or none, for the signaling server', () => {
    expect(checkSetting('signalingServer', ' wss://calls.example.org ')).toEqual({
      ok: true,
      value: { signalingServer: 'wss://calls.example.org' },
    });
    expect(checkSetting('signalingServer', '')).toEqual({ ok: true, value: { signalingServer: '' } });
  });

  it('says why an address is refused', () => {
    const refused = checkSetting('signalingServer', 'http://calls.example.org');
    expect(refused.ok ? '' : refused.reason).toContain('ws:// or wss://');
  });

  it('needs a listen address', () => {
    expect(checkSetting('signalingListenHost', '  ').ok).toBe(false);
    expect(checkSetting('signalingListenHost', '127.0.0.1').ok).toBe(true);
  });

  it('takes a name of 80 characters and refuses one of 81', () => {
    expect(checkSetting('displayName', 'a'.repeat(80)).ok).toBe(true);
    expect(checkSetting('displayName', 'a'.repeat(81)).ok).toBe(false);
  });
});

describe('ICE servers', () => {
  it('reads several addresses of one server', () => {
    expect(checkIceRow({ urls: 'stun:a.example:3478, stun:b.example', username: '', credential: '' })).toEqual({
      ok: true,
      value: { urls: ['stun:a.example:3478', 'stun:b.example'] },
    });
  });

  it('needs credentials for TURN', () => {
    expect(checkIceRow({ urls: 'turn:t.example', username: 'ana', credential: '' }).ok).toBe(false);
    expect(checkIceRow({ urls: 'turn:t.example', username: 'ana', credential: 's' }).ok).toBe(true);
  });

  it('refuses an empty row and an address of another kind', () => {
    expect(checkIceRow({ urls: ' ', username: '', credential: '' }).ok).toBe(false);
    expect(checkIceRow({ urls: 'https://a.example', username: '', credential: '' }).ok).toBe(false);
  });

  it('shows a saved server in its row as it was typed', () => {
    const saved = { urls: ['turn:t.example'], username: 'ana', credential: 's' };
    const again = checkIceRow(iceRow(saved));
    expect(again).toEqual({ ok: true, value: saved });
  });
});
