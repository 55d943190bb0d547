import { hasXvfb, withDisplay } from '../../scripts/setup/display.mjs';
import { appEnvironment } from '../../scripts/demo/app-process.ts';

/** A display of our own, on which nothing else is and nobody arranges windows. */
export type OwnDisplay = { name: string; end(): Promise<void> };

/** Starts a display without a screen; undefined where Xvfb is not installed. */
export async function startOwnDisplay(): Promise<OwnDisplay | undefined> {
  if (!(await hasXvfb())) return undefined;
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = appEnvironment();
  const told = Promise.withResolvers<string>();
  const over = Promise.withResolvers<void>();
  const running = withDisplay(async ({ DISPLAY = '' }) => {
    told.resolve(DISPLAY);
    await over.promise;
  }, env);
  running.catch(told.reject);
  return {
    name: await told.promise,
    async end() {
      over.resolve();
      await running;
    },
  };
}
