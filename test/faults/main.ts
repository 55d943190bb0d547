import { parseArgs } from 'node:util';
import { bigRecovery } from './big-recovery.ts';
import { endSharedServers } from './bucket-stage.ts';
import { chunks } from './chunks.ts';
import { cloudKill, cloudKillGcs } from './cloud-kill.ts';
import { cloudLies } from './cloud-lies.ts';
import { cloudCuts, cloudStorm } from './cloud-network.ts';
import { damage } from './damage.ts';
import { diskFull } from './disk-full.ts';
import { ffmpegLiars } from './ffmpeg-liars.ts';
import { fuzzControl } from './fuzz-control.ts';
import { fuzzIpc } from './fuzz-ipc.ts';
import { fuzzSignaling } from './fuzz-signaling.ts';
import { goodbye } from './goodbye.ts';
import { killApp } from './kill-app.ts';
import { killPoints } from './kill-points.ts';
import { killEarly, killWriter } from './kill-writer.ts';
import { malformed } from './malformed.ts';
import { powerCut } from './power-cut.ts';
import { rendererKill } from './renderer-kill.ts';
import { retention } from './retention.ts';
import { roles } from './roles.ts';
import type { Scenario, ScenarioReport } from './scenario.ts';
import { traversal } from './traversal.ts';

/** Every scenario: a new one is a line here. `flag` sets how often it is tried; `short` is for `npm test`. */
const scenarios: Record<string, { run: Scenario; flag: string; long: number; short: number }> = {
  'power-cut': { run: powerCut, flag: 'cuts', long: 100, short: 6 },
  'ffmpeg-liars': { run: ffmpegLiars, flag: 'liars', long: 32, short: 8 },
  'kill-points': { run: killPoints, flag: 'points', long: 1_000, short: 8 },
  chunks: { run: chunks, flag: 'sequences', long: 10_000, short: 500 },
  damage: { run: damage, flag: 'damages', long: 400, short: 30 },
  'kill-writer': { run: killWriter, flag: 'kills', long: 200, short: 12 },
  'kill-early': { run: killEarly, flag: 'early', long: 50, short: 6 },
  'kill-app': { run: killApp, flag: 'apps', long: 10, short: 1 },
  'renderer-kill': { run: rendererKill, flag: 'renderers', long: 50, short: 2 },
  'disk-full': { run: diskFull, flag: 'disks', long: 3, short: 1 },
  goodbye: { run: goodbye, flag: 'goodbyes', long: 16, short: 2 },
  retention: { run: retention, flag: 'libraries', long: 200, short: 3 },
  'big-recovery': { run: bigRecovery, flag: 'gigabytes', long: 10, short: 1 },
  'cloud-kill': { run: cloudKill, flag: 'uploads', long: 100, short: 3 },
  'cloud-kill-gcs': { run: cloudKillGcs, flag: 'gcs-uploads', long: 30, short: 1 },
  'cloud-cuts': { run: cloudCuts, flag: 'network-cuts', long: 20, short: 1 },
  'cloud-storm': { run: cloudStorm, flag: 'storm-seconds', long: 300, short: 8 },
  'cloud-lies': { run: cloudLies, flag: 'lies', long: 30, short: 4 },
  'fuzz-ipc': { run: fuzzIpc, flag: 'ipc-requests', long: 580_000, short: 1_200 },
  'fuzz-control': { run: fuzzControl, flag: 'control-requests', long: 10_000, short: 600 },
  'fuzz-signaling': { run: fuzzSignaling, flag: 'signaling-frames', long: 10_000, short: 1_000 },
  malformed: { run: malformed, flag: 'malformed-frames', long: 1_000, short: 200 },
  roles: { run: roles, flag: 'role-rounds', long: 10, short: 1 },
  traversal: { run: traversal, flag: 'payloads', long: 1_000, short: 60 },
};

const help = `npm run test:faults -- [--short] [--seed 1] [--cut-seconds 60] [--only ${Object.keys(scenarios).join(',')}]
${Object.entries(scenarios)
  .map(([name, each]) => `    [--${each.flag} ${each.long}]`.padEnd(28) + `${name} (${each.short} with --short)`)
  .join('\n')}
Tries faults on the recorder and says what they cost. Progress goes to stderr; the last line of stdout is one JSON object.
Exit 0 only when every scenario is within its bars; the same seed gives the same faults.
`;

/** Runs the scenarios that are asked for and answers with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const flags = Object.values(scenarios).map((each) => each.flag);
  const { values } = parseArgs({
    args: [...argv],
    options: {
      list: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      'cut-seconds': { type: 'string' },
      ...Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }])),
    },
  });
  if (values.list) {
    process.stdout.write(help);
    return 0;
  }
  const seed = wholeNumber('seed', values.seed);
  const cutSeconds = wholeNumber('cut-seconds', values['cut-seconds'] ?? (values.short ? 3 : 60));
  const names = typeof values.only === 'string' ? values.only.split(',') : Object.keys(scenarios);
  const unknown = names.filter((name) => scenarios[name] === undefined);
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}.`);
  const reports: (ScenarioReport & { elapsedMs: number })[] = [];
  for (const name of names) {
    const scenario = scenarios[name];
    if (scenario === undefined) continue;
    const asked: unknown = Reflect.get(values, scenario.flag);
    const usual = values.short ? scenario.short : scenario.long;
    const count = typeof asked === 'string' ? wholeNumber(scenario.flag, asked) : usual;
    const sinceMs = performance.now();
    const report = await runOne(name, scenario.run, { seed, count, cutSeconds, say });
    const elapsedMs = Math.round(performance.now() - sinceMs);
    reports.push({ ...report, elapsedMs });
    say(
      `${name}: ${report.ok ? 'ok' : 'FAILED'} (${report.count} in ${Math.round(elapsedMs / 1000)} s) ${JSON.stringify(report.figures)}`,
    );
    for (const failure of report.failures) say(`  ${failure}`);
  }
  await endSharedServers();
  const ok = reports.every((report) => report.ok);
  process.stdout.write(`${JSON.stringify({ ok, seed, scenarios: reports })}\n`);
  return ok ? 0 : 1;
}

async function runOne(name: string, run: Scenario, options: Parameters<Scenario>[0]): Promise<ScenarioReport> {
  try {
    return await run(options);
  } catch (error) {
    // One scenario that breaks must not hide what the others found.
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name, ok: false, count: options.count, failures: [failure], figures: {} };
  }
}

function wholeNumber(name: string, text: unknown): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0.`);
  return value;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const code = await main(process.argv.slice(2));
// Processes that died in here on purpose leave timers and pipes behind that nobody waits for.
process.stdout.write('', () => process.exit(code));
