import { describe, expect, it } from 'vitest';
import { callPreviewSchema, type CallPreview } from '../../contract/call.ts';
import { entrance, nextInvite, type InviteEvent, type InviteState } from '../../renderer/lobby/invite-state.ts';

const link =
  'tallylight://join/00000000-0000-4000-8000-000000000050?server=ws%3A%2F%2Fhost%3A4455&invite=abcdefghijklmnop';
const preview = (over: object = {}): CallPreview =>
  callPreviewSchema.parse({
    id: '00000000-0000-4000-8000-000000000050',
    title: 'Talk',
    hostName: 'Ana',
    participantCount: 1,
    full: false,
    recording: null,
    ...over,
  });
const after = (...events: InviteEvent[]): InviteState => events.reduce<InviteState>(nextInvite, { kind: 'empty' });
const expired = { code: 'INVITE_EXPIRED', message: 'x', retryable: false } as const;

describe('invite link in the lobby', () => {
  it('asks the server about a link that is one of ours', () => {
    expect(after({ kind: 'typed', link: ` ${link} ` })).toEqual({ kind: 'checking', link });
  });

  it('refuses anything else at once, without asking', () => {
    expect(after({ kind: 'typed', link: 'https://example.org' })).toMatchObject({
      kind: 'refused',
      error: { code: 'INVITE_INVALID' },
    });
  });

  it('says nothing about an empty field', () => {
    expect(after({ kind: 'typed', link }, { kind: 'typed', link: '  ' })).toEqual({ kind: 'empty' });
  });

  it('drops the answer to a link that is no longer in the field', () => {
    const other = link.replace('0050', '0051');
    const state = after({ kind: 'typed', link: other }, { kind: 'answered', link, preview: preview() });
    expect(state).toEqual({ kind: 'checking', link: other });
    expect(nextInvite(state, { kind: 'failed', link, error: expired })).toBe(state);
  });

  it('asks again when the person says so', () => {
    const state = after({ kind: 'typed', link }, { kind: 'failed', link, error: expired }, { kind: 'retried' });
    expect(state).toEqual({ kind: 'checking', link });
  });

  it('lets in directly only when nothing is recorded and there is room', () => {
    const ready = (over: object) => after({ kind: 'typed', link }, { kind: 'answered', link, preview: preview(over) });
    expect(entrance(ready({}))).toEqual({ kind: 'open' });
    expect(entrance(ready({ full: true }))).toMatchObject({ kind: 'closed', error: { code: 'CALL_FULL' } });
    const recording = {
      recordingId: '00000000-0000-4000-8000-000000000009',
      state: 'recording',
      health: { kind: 'ok' },
      elapsedMs: 5,
      recordedBy: 'Ana',
    };
    expect(entrance(ready({ recording }))).toEqual({ kind: 'afterNotice' });
    expect(entrance(after({ kind: 'typed', link }))).toEqual({ kind: 'none' });
  });
});
