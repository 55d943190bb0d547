import { DEMO_USAGE, parseDemoOptions } from './demo/options.ts';
import { runTour } from './demo/tour.ts';

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
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const ok = await runTour(options, (event) => process.stdout.write(`${JSON.stringify(event)}\n`), interrupted.signal);
  return ok ? 0 : 1;
}

process.exitCode = await main();
