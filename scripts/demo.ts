import { DEMO_USAGE, parseDemoOptions } from './demo/options.ts';
import { tellReopened } from './demo/reopen.ts';
import { takeSignals } from './demo/signals.ts';
import { runTour, type DemoEvent } from './demo/tour.ts';

const say = (event: DemoEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

/** `npm run demo`: standard output is JSON lines and nothing else. */
async function main(): Promise<number> {
  let options: ReturnType<typeof parseDemoOptions>;
  try {
    options = parseDemoOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${DEMO_USAGE}`);
    return 2;
  }
  if (options === 'help') {
    process.stderr.write(DEMO_USAGE);
    return 0;
  }
  if ('reopen' in options) return (await tellReopened(options.reopen, say)) ? 0 : 1;
  return (await runTour(options, say, takeSignals())) ? 0 : 1;
}

process.exitCode = await main();
