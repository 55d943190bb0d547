import { assertNever } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';

export type SettingsSection = 'devices' | 'recording' | 'cloud' | 'call' | 'automation' | 'about';

/** What fills the window. */
export type Screen =
  | { kind: 'lobby' }
  | { kind: 'stage' }
  | { kind: 'library' }
  | { kind: 'player'; recordingId: RecordingId }
  | { kind: 'bin' }
  | { kind: 'settings'; section: SettingsSection };

export type Route = {
  screen: Screen;
  inCall: boolean;
  /** An opened invite link that the lobby has not taken over yet. */
  link: string | null;
};

export type RouteEvent =
  | { kind: 'opened'; screen: Exclude<Screen, { kind: 'stage' } | { kind: 'lobby' }> }
  /** Out of the library or the settings: to the call when there is one, else to the lobby. */
  | { kind: 'home' }
  | { kind: 'back' }
  | { kind: 'callEntered' }
  | { kind: 'callLeft' }
  | { kind: 'linkOpened'; link: string }
  | { kind: 'linkTaken' };

export const firstRoute: Route = { screen: { kind: 'lobby' }, inCall: false, link: null };

const home = (inCall: boolean): Screen => (inCall ? { kind: 'stage' } : { kind: 'lobby' });

/** Screens that one came to from the library. */
const isBelowLibrary = ({ kind }: Screen): boolean => kind === 'player' || kind === 'bin';

/** Which screen comes next. A link never enters a call: it only brings the lobby forward, and not out of a running call. */
export function nextRoute(route: Route, event: RouteEvent): Route {
  switch (event.kind) {
    case 'opened':
      return { ...route, screen: event.screen };
    case 'home':
      return { ...route, screen: home(route.inCall) };
    case 'back':
      return { ...route, screen: isBelowLibrary(route.screen) ? { kind: 'library' } : home(route.inCall) };
    case 'callEntered':
      return route.inCall ? route : { ...route, inCall: true, screen: { kind: 'stage' } };
    case 'callLeft':
      if (!route.inCall) return route;
      return { ...route, inCall: false, screen: route.screen.kind === 'stage' ? { kind: 'lobby' } : route.screen };
    case 'linkOpened':
      return { ...route, link: event.link, screen: route.inCall ? route.screen : { kind: 'lobby' } };
    case 'linkTaken':
      return { ...route, link: null };
    default:
      return assertNever(event);
  }
}
