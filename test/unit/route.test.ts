import { describe, expect, it } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import { firstRoute, nextRoute, type Route, type RouteEvent } from '../../renderer/app/route.ts';

const recordingId = recordingIdSchema.parse('00000000-0000-4000-8000-000000000001');
const after = (...events: RouteEvent[]): Route => events.reduce(nextRoute, firstRoute);
const library: RouteEvent = { kind: 'opened', screen: { kind: 'library' } };

describe('routing between screens', () => {
  it('begins in the lobby', () => {
    expect(firstRoute.screen).toEqual({ kind: 'lobby' });
  });

  it('shows the stage when a call is entered and the lobby when it is over', () => {
    expect(after({ kind: 'callEntered' }).screen).toEqual({ kind: 'stage' });
    expect(after({ kind: 'callEntered' }, { kind: 'callLeft' }).screen).toEqual({ kind: 'lobby' });
  });

  it('shows the stage from wherever one is when a program enters a call', () => {
    const screens: Extract<RouteEvent, { kind: 'opened' }>['screen'][] = [
      { kind: 'library' },
      { kind: 'player', recordingId },
      { kind: 'bin' },
      { kind: 'settings', section: 'automation' },
    ];
    for (const screen of screens) {
      expect(after({ kind: 'opened', screen }, { kind: 'callEntered' })).toMatchObject({
        inCall: true,
        screen: { kind: 'stage' },
      });
    }
  });

  it('goes back from the library to the lobby without a call and to the stage with one', () => {
    expect(after(library, { kind: 'back' }).screen).toEqual({ kind: 'lobby' });
    expect(after({ kind: 'callEntered' }, library, { kind: 'back' }).screen).toEqual({ kind: 'stage' });
  });

  it('goes back from the player to the library', () => {
    const opened = after(library, { kind: 'opened', screen: { kind: 'player', recordingId } });
    expect(nextRoute(opened, { kind: 'back' }).screen).toEqual({ kind: 'library' });
  });

  it('goes back from the bin to the library', () => {
    expect(after(library, { kind: 'opened', screen: { kind: 'bin' } }, { kind: 'back' }).screen).toEqual({
      kind: 'library',
    });
  });

  it('stays in the library when the call ends meanwhile, and then leads home to the lobby', () => {
    const route = after({ kind: 'callEntered' }, library, { kind: 'callLeft' });
    expect(route.screen).toEqual({ kind: 'library' });
    expect(nextRoute(route, { kind: 'home' }).screen).toEqual({ kind: 'lobby' });
  });

  it('does not pull a person out of the library when the same call changes', () => {
    expect(after({ kind: 'callEntered' }, library, { kind: 'callEntered' }).screen).toEqual({ kind: 'library' });
  });

  it('brings the lobby forward for an opened link, but never out of a call', () => {
    const link: RouteEvent = { kind: 'linkOpened', link: 'tallylight://join/x' };
    expect(after(library, link)).toMatchObject({ screen: { kind: 'lobby' }, link: 'tallylight://join/x' });
    const inCall = after({ kind: 'callEntered' }, link);
    expect(inCall).toMatchObject({ screen: { kind: 'stage' }, link: 'tallylight://join/x', inCall: true });
    expect(nextRoute(inCall, { kind: 'callLeft' })).toMatchObject({ screen: { kind: 'lobby' }, link: link.link });
  });

  it('forgets a link once the lobby has taken it', () => {
    expect(after({ kind: 'linkOpened', link: 'x' }, { kind: 'linkTaken' }).link).toBeNull();
  });
});
