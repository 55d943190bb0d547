import { symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { deliverableUrl } from '../../contract/media-url.ts';
import type { Recording } from '../../contract/recording.ts';
import { answerMediaRequest } from '../../main/shell/media-response.ts';
import { CANARY_WORDS } from '../support/canary-tree.ts';
import type { Known } from '../support/fuzz-values.ts';
import { seededRandom } from '../support/lanes.ts';
import { watchProcess } from '../support/process-watch.ts';
import { traversalPayloads } from '../support/traversal-payloads.ts';
import { judgeAnswer, shown } from './fuzz-judge.ts';
import { createFailures, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { overControl, overSignaling } from './traversal-doors.ts';
import { idFields } from './traversal-fields.ts';
import { hostileJournals } from './traversal-journals.ts';
import { openTraversalScene, type TraversalScene } from './traversal-scene.ts';

const ANSWER_LIMIT_MS = 10_000;

type Add = (failure: string) => void;

/** Ways out of the recordings folder in every place for an id: all are refused, and what lies around stays as it is. */
export const traversal: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const watch = watchProcess();
  const tried = { requests: 0, addresses: 0, overHttp: 0, frames: 0 };
  let used = 0;
  const scene = await openTraversalScene((line) => failures.add(`logged: ${line}`));
  try {
    const payloads = chosen(traversalPayloads(scene.root, scene.strange, scene.whole.id), count, seed);
    used = payloads.length;
    await rightOnesWork(scene, failures.add);
    await scene.takePicture();
    tried.requests = await overIpc(scene, payloads, seed, failures.add);
    say(`traversal: ${tried.requests} requests refused or noted, ${used} payloads`);
    tried.addresses = await overMediaAddresses(scene, payloads, failures.add);
    tried.overHttp = await overControl(scene, payloads, failures.add);
    tried.frames = await overSignaling(payloads, seed, failures.add);
    for (const change of await scene.changed()) failures.add(`seed ${seed}: ${change}`);
    if (scene.person.shown.length > 1) failures.add(`shown in the folder: ${scene.person.shown.join(', ')}`);
    await overLinksInside(scene, failures.add);
  } finally {
    await scene.end();
  }
  const handedOver = await hostileJournals();
  for (const fault of handedOver.faults) failures.add(`a journal that names ${fault}`);
  watch.stop();
  for (const error of watch.uncaught()) failures.add(error);
  return {
    name: 'traversal',
    ok: failures.count() === 0,
    count: used,
    failures: failures.list(),
    figures: { payloads: used, ...tried, hostileJournals: handedOver.recordings },
  };
};

/** All payloads when there are no more than that, else another part of them with each seed. */
function chosen(payloads: readonly string[], count: number, seed: number): string[] {
  if (count >= payloads.length) return [...payloads];
  const step = payloads.length / count;
  return Array.from(
    { length: count },
    (_, index) => payloads[(seed - 1 + Math.floor(index * step)) % payloads.length] ?? '',
  );
}

/** The same requests with the right ids: were these refused too, the trial would show nothing. */
async function rightOnesWork({ person, whole, inBucket }: TraversalScene, add: Add): Promise<void> {
  const { id: recordingId } = whole;
  const recording = await person.ask('recording.get', { recordingId });
  const deliverableId = recording.deliverables[0]?.id ?? null;
  await person.ask('recording.pin', { recordingId, pinned: recording.pinned });
  await person.ask('recording.showInFolder', { recordingId, deliverableId });
  if (person.shown[0]?.startsWith(whole.folder) !== true) add('a right file is not shown in its folder');
  const file = inBucket.files[0]?.file ?? '';
  await person.ask('cloud.copyLink', { recordingId: inBucket.id, file, validSeconds: 60 });
  if (person.copied.at(-1)?.includes('X-Amz-Signature') !== true) add('a right file has no link');
  if ((await mediaStatus(person, recording)) !== 200) add('a right file is not served');
}

async function overIpc(
  { person, whole, inBucket, strange }: TraversalScene,
  payloads: readonly string[],
  seed: number,
  add: Add,
): Promise<number> {
  const recording = await person.ask('recording.get', { recordingId: whole.id });
  const known: Known = {
    recordingId: [whole.id],
    trackId: recording.tracks.map(({ id }) => id),
    deliverableId: recording.deliverables.map(({ id }) => id),
    file: inBucket.files.map(({ file }) => file),
  };
  let requests = 0;
  for (const { request, path, filled } of idFields({ random: seededRandom(seed), carrier: 'json', known })) {
    for (const payload of payloads) {
      const input = filled(payload);
      // A file in the bucket is asked for of a recording that has one there.
      if (request === 'cloud.copyLink' && path.includes('file'))
        Object.assign(input as object, { recordingId: inBucket.id });
      const where = `seed ${seed}: ${request} ${path.join('.')} ${shown(payload)}`;
      const answer = await within(ANSWER_LIMIT_MS, where, person.raw(request, input));
      const { fault, outcome } = judgeAnswer(request, input, answer);
      requests += 1;
      if (fault !== null) add(`${where}: ${fault}`);
      // What a window measured of somebody who is not there is nobody's: it is taken and forgotten.
      else if (outcome === 'ok' && request !== 'call.reportQuality') add(`${where}: it was taken`);
      if (requests % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const list = await person.ask('recording.list', {});
  const ids = list.recordings.map(({ id }) => String(id));
  for (const name of strange) if (ids.includes(name)) add(`${name} is listed as a recording`);
  return requests;
}

async function overMediaAddresses(
  { person, whole }: TraversalScene,
  payloads: readonly string[],
  add: Add,
): Promise<number> {
  const recording = await person.ask('recording.get', { recordingId: whole.id });
  const [deliverable] = recording.deliverables;
  if (deliverable === undefined) throw new Error('The recording has no file.');
  const deliverableId = deliverable.id;
  const right = deliverableUrl(recording.id, deliverableId);
  let addresses = 0;
  for (const payload of payloads) {
    for (const address of [
      `tallylight-media://recording/${payload}/file/${deliverableId}`,
      `tallylight-media://recording/${whole.id}/file/${payload}`,
      `tallylight-media://recording/${whole.id}/thumbnail/${payload}`,
      `tallylight-media://${payload}/${whole.id}/file/${deliverableId}`,
      `tallylight-media://recording/${whole.id}/${payload}/${deliverableId}`,
      `tallylight-media://recording/${whole.id}/file/${deliverableId}/${payload}`,
      `tallylight-media://recording/${whole.id}/file/../file/${payload}`,
    ]) {
      // As it is written, and as Chromium would hand it over.
      for (const url of [address, URL.canParse(address) ? new URL(address).href : address]) {
        addresses += 1;
        // A payload that is nothing, or is normalised away, leaves the right address.
        if (url === right) continue;
        const answer = await answerMediaRequest({ url, method: 'GET', headers: new Headers() }, (id) =>
          person.findRecording(id),
        );
        const body = await answer.text();
        if (answer.status !== 404 || body !== '') add(`${shown(url)}: ${answer.status} with ${body.length} bytes`);
      }
    }
  }
  return addresses;
}

/** Somebody put links where the app's own files were: nothing that they lead to is served. */
async function overLinksInside({ person, whole, root }: TraversalScene, add: Add): Promise<void> {
  const recording = await person.ask('recording.get', { recordingId: whole.id });
  const file = recording.deliverables[0]?.file ?? '';
  const path = join(whole.folder, file);
  for (const target of [
    join(root, 'canary.txt'),
    '../../../../canary.txt',
    '/etc/hostname',
    '/proc/self/environ',
    '..',
  ]) {
    await unlink(path);
    await symlink(target, path);
    const status = await mediaStatus(person, recording);
    if (status !== 404) add(`a file that is a link to ${target}: ${status}`);
  }
}

async function mediaStatus(person: TraversalScene['person'], recording: Recording): Promise<number> {
  const id = recording.deliverables[0]?.id;
  if (id === undefined) throw new Error('The recording has no file.');
  const answer = await answerMediaRequest(
    { url: deliverableUrl(recording.id, id), method: 'GET', headers: new Headers() },
    (recordingId) => person.findRecording(recordingId),
  );
  const body = await answer.text();
  return body.includes(CANARY_WORDS) ? 999 : answer.status;
}
