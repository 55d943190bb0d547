import { createContext, use, useSyncExternalStore, type Dispatch } from 'react';
import { AppError } from '../../contract/errors.ts';
import type { Settings } from '../../contract/settings.ts';
import type { AppClient } from '../app-client.ts';
import type { CallSession, CallView } from '../call/call-view.ts';
import type { LocalMedia, LocalMediaView } from '../call/local-media.ts';
import { useStore } from '../ui/store.ts';
import type { CallQualityStore } from './call-quality-store.ts';
import type { CloudStore } from './cloud-store.ts';
import type { ControlStore } from './control-store.ts';
import type { EnvironmentStore } from './environment-store.ts';
import type { MarkersStore } from './markers-store.ts';
import type { RecordingsStore } from './recordings-store.ts';
import type { RetentionStore } from './retention-store.ts';
import type { RouteEvent } from './route.ts';
import type { SettingsStore } from './settings-store.ts';

/** Everything a screen may reach. */
export type Services = {
  client: AppClient;
  session: CallSession;
  media: LocalMedia;
  settings: SettingsStore;
  environment: EnvironmentStore;
  recordings: RecordingsStore;
  markers: MarkersStore;
  cloud: CloudStore;
  control: ControlStore;
  retention: RetentionStore;
  callQuality: CallQualityStore;
};

export const ServicesContext = createContext<Services | null>(null);
export const NavigateContext = createContext<Dispatch<RouteEvent> | null>(null);

/** The services of this window. */
export function useServices(): Services {
  const services = use(ServicesContext);
  if (services === null) throw new AppError('INTERNAL', 'A screen was drawn outside the app.');
  return services;
}

/** Sends the person to another screen. */
export function useNavigate(): Dispatch<RouteEvent> {
  const navigate = use(NavigateContext);
  if (navigate === null) throw new AppError('INTERNAL', 'A screen was drawn outside the app.');
  return navigate;
}

/** The call as it is now. */
export function useCallView(): CallView {
  const { session } = useServices();
  return useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.getView(),
  );
}

/** The own devices as they are now. */
export function useMediaView(): LocalMediaView {
  const { media } = useServices();
  return useSyncExternalStore(
    (listener) => media.subscribe(listener),
    () => media.getView(),
  );
}

/** The settings; screens are drawn only after they were read. */
export function useSettings(): Settings {
  const view = useStore(useServices().settings);
  if (view.kind !== 'ready') throw new AppError('INTERNAL', 'A screen was drawn before the settings were read.');
  return view.settings;
}
