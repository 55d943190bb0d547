import { app } from 'electron';
import { refusalOfStart } from './switches.ts';

// Imported first, so that it runs before anything else of the app does. A packaged app that was started with a dangerous
// switch ends here, before there is a window, a profile or a port; what else weakens it is taken away.
if (app.isPackaged) {
  const refusal = refusalOfStart({
    args: process.argv.slice(1),
    environment: process.env,
    platform: process.platform,
    root: process.getuid?.() === 0,
  });
  if (refusal !== null) {
    process.stderr.write(`${refusal}\n`);
    process.exit(2);
  }
  // Node asks for it at every connection: uploads would go to whoever answers.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  // Node's inspector, which takes this signal elsewhere, is switched off (scripts/fuses.mjs): unheard, it ends the app.
  process.on('SIGUSR1', () => undefined);
}
