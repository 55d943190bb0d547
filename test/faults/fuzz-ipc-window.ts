import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Call } from '../../contract/call.ts';
import type { Known } from '../support/fuzz-values.ts';
import { seededUuid } from '../support/fuzz-values.ts';
import { seededRandom } from '../support/lanes.ts';
import { sourceOf } from '../support/value-source.ts';
import { fuzzedRequest, isOwnWish } from './fuzz-ipc-app.ts';
import { isUnderstood, judgeTyped, shown } from './fuzz-judge.ts';
import { finishKeptCall, openKeptCall, type KeptCall } from './kept-call.ts';
import { ask, type RealCall } from './real-call.ts';
import { createFailures, failureOf, within } from './scenario.ts';

const BATCH = 60;
const BATCH_LIMIT_MS = 60_000;

/** Expressions of a page that tries what no clone can carry, or what is no call of the bridge at all. */
const RAW = [
  'tallylight.request()',
  'tallylight.request("call.current")',
  'tallylight.request("call.current", () => 1)',
  'tallylight.request("call.current", Symbol("x"))',
  'tallylight.request("call.current", document)',
  'tallylight.request("call.current", window)',
  'tallylight.request("call.current", document.body)',
  'tallylight.request("call.current", Promise.reject(new Error("of the page")).catch(() => 1))',
  'tallylight.request("call.current", new Proxy({}, { get() { throw new Error("trap"); } }))',
  'tallylight.request("call.current", new Proxy({}, { ownKeys() { throw new Error("trap"); } }))',
  'tallylight.request("recording.get", { get recordingId() { throw new Error("getter"); } })',
  'tallylight.request("recording.get", { recordingId: { toString() { throw new Error("toString"); } } })',
  'tallylight.request("recording.get", new (class A { recordingId = 1; })())',
  'tallylight.request("recording.get", { recordingId: new String("x") })',
  'tallylight.request("recording.append", { bytes: new Blob(["x"]) })',
  'tallylight.request("recording.append", { bytes: new SharedArrayBuffer(8) })',
  'tallylight.request("recording.append", { bytes: new ReadableStream() })',
  'tallylight.request("recording.append", (() => { const b = new Uint8Array(8); b.buffer.transfer?.(); return { bytes: b }; })())',
  'tallylight.request(Symbol("call.current"), {})',
  'tallylight.request({ toString: () => "call.current" }, {})',
  'tallylight.request(["call.current"], {})',
  'tallylight.request(new String("call.current"), {})',
  'tallylight.request("call.current", {}, {}, {}, 5)',
  'tallylight.request.call(null, "call.current", {})',
  'tallylight.request.apply(tallylight, new Array(1000).fill("x"))',
  'new tallylight.request("call.current", {})',
  'tallylight.on()',
  'tallylight.on("no.such.event", () => 1)',
  'tallylight.on("__proto__", () => 1)',
  'tallylight.on("call.changed", 5)',
  'tallylight.on("call.changed", { handleEvent() {} })',
  'tallylight.on("call.changed", () => { throw new Error("of a listener"); })',
  '(() => { for (let n = 0; n < 300; n += 1) tallylight.on("recording.event", () => 1)(); })()',
  'Object.defineProperty(tallylight, "request", { value: 1 })',
  'delete tallylight.request',
  '(() => { let v = 1; for (let n = 0; n < 5000; n += 1) v = [v]; return tallylight.request("call.current", v); })()',
  'tallylight.request("x".repeat(5_000_000), {})',
  'tallylight.request("call.inspect", { link: "x".repeat(20_000_000) })',
  'tallylight.request("recording.append", { bytes: new Uint8Array(30_000_000) })',
  'Promise.all(Array.from({ length: 500 }, () => tallylight.request("call.create", { name: 1 })))',
];

const answersSchema = z.array(z.union([z.object({ thrown: z.string() }), z.object({ answer: z.unknown() })]));

export type WindowFuzzReport = { failures: string[]; requests: number; acknowledgedFrames: number };

/** Fuzzes the real way from a real window, in a call of two apps that is recorded; the call and the recording go on. */
export async function fuzzRealWindow(
  seed: number,
  count: number,
  say: (line: string) => void,
): Promise<WindowFuzzReport> {
  const failures = createFailures();
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-fuzz-window-'));
  let call: KeptCall | null = null;
  let requests = 0;
  let acknowledgedFrames = 0;
  try {
    call = await openKeptCall(folder, 'mkv');
    const { host } = call;
    host.page.on('crash', () => failures.add(`seed ${seed}: the window crashed`));
    const random = seededRandom(seed);
    const { known, current } = await knownIn(call, random);
    const live = { recordingId: call.recording.id, keep: current.participants.map(({ id }) => id) };
    const raw = RAW.map((source) => ({ where: source, script: source, judge: judgeRaw }));
    const made = Array.from({ length: count }, (_, index) => {
      const { name, input } = fuzzedRequest(random, index, known);
      const where = `window request ${index} of seed ${seed}: ${shown(name)} ${shown(input)}`;
      if (isOwnWish(name, input, live) || isWishOfAWindow(name, input)) return null;
      return {
        where,
        script: `tallylight.request(${sourceOf(name)}, ${sourceOf(input)})`,
        // The bridge clones in its own way: what arrives is not always what was sent, so only that it is typed is asked.
        judge: judgeTyped,
      };
    }).filter((each) => each !== null);
    const all = [...raw, ...made];
    for (let from = 0; from < all.length; from += BATCH) {
      const batch = all.slice(from, from + BATCH);
      const script = `(async () => { const out = []; for (const f of [${batch.map((each) => `() => ${each.script}`).join(',\n')}]) {
        try { const a = await f(); out.push({ answer: a?.ok === true ? { ok: true, value: null } : a }); }
        catch (error) { out.push({ thrown: String(error) }); } } return JSON.stringify(out.map((each) => 'answer' in each && (typeof each.answer !== 'object' || Array.isArray(each.answer)) ? { answer: null } : each)); })()`;
      const text = await within(BATCH_LIMIT_MS, `the batch from ${from} of seed ${seed}`, inWindow(host, script));
      const answers = answersSchema.parse(JSON.parse(text));
      for (const [index, each] of batch.entries()) {
        const answer = answers[index];
        requests += 1;
        if (answer === undefined) failures.add(`${each.where}: no answer`);
        else if ('thrown' in answer) {
          // Only what the bridge between the worlds cannot carry may throw, in the page that sent it.
          if (each.judge !== judgeRaw && !/cloned|recursion depth|Unsupported|could not be/i.test(answer.thrown)) {
            failures.add(`${each.where}: threw ${answer.thrown}`);
          }
        } else {
          const fault = each.judge(answer.answer);
          if (fault !== null) failures.add(`${each.where}: ${fault}`);
        }
      }
    }
    say(`fuzz-ipc: ${requests} requests from a real window`);
    const after = await ask(host, 'call.current', {});
    if (after.call?.participants.length !== 2) failures.add(`seed ${seed}: the call has not two people any more`);
    const saved = await finishKeptCall(call);
    acknowledgedFrames = saved.acknowledgedFrames;
    for (const fault of saved.faults) failures.add(`seed ${seed}: ${fault}`);
  } catch (error) {
    failures.add(`seed ${seed}: ${failureOf(error)}`);
  } finally {
    await call?.end();
  }
  return { failures: failures.list(), requests, acknowledgedFrames };
}

/** What opens a window of the system, ends the app, or turns its settings over. */
function isWishOfAWindow(name: unknown, input: unknown): boolean {
  if (name === 'app.close' || name === 'settings.update' || name === 'recording.showInFolder') {
    return isUnderstood(name, input);
  }
  if (name !== 'settings.chooseFolder' && name !== 'call.end' && name !== 'call.leave') return false;
  // What the bridge may leave out on the way must not make a wrong request a right one.
  return typeof input === 'object' && input !== null && Object.keys(input).every((key) => key === '__proto__');
}

/** What cannot be carried is refused in words, or thrown at the page; nothing else is asked of it. */
function judgeRaw(): string | null {
  return null;
}

async function knownIn(call: RealCall, random: () => number): Promise<{ known: Known; current: Call }> {
  const { call: current } = await ask(call.host, 'call.current', {});
  if (current === null) throw new Error('The host is in no call.');
  const { tracks } = await ask(call.host, 'recording.get', { recordingId: call.recording.id });
  const stranger = seededUuid(random);
  const known = {
    recordingId: [call.recording.id, call.recording.id, stranger],
    trackId: [...tracks.map(({ id }) => id), stranger],
    participantId: [...current.participants.map(({ id }) => id), null, stranger],
    deliverableId: [null, stranger],
    markerId: [stranger],
    link: [current.inviteLink],
    segment: [0, 1],
    entry: [null, '..', `${call.recording.id}.1.recording`],
    crc32: [0, 1],
    // Nothing of this trial leaves the computer.
    cloudEndpoint: ['http://127.0.0.1:9'],
  };
  return { known, current };
}

async function inWindow({ app }: RealCall['host'], script: string): Promise<string> {
  const text: unknown = await app.evaluate(
    ({ BrowserWindow }, code) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code) as unknown,
    script,
  );
  return z.string().parse(text);
}
