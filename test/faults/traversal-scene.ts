import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalLine } from '../../main/recording/journal-lines.ts';
import { differences, pictureOf, plantCanaries, type TreePicture } from '../support/canary-tree.ts';
import { writeFinishedRecording, type FinishedRecording } from '../support/finished-recording.ts';
import { Person } from '../support/windowless-app.ts';

/** An app over recordings, with files of others around and among them. */
export type TraversalScene = {
  root: string;
  person: Person;
  /** A finished recording. */
  whole: FinishedRecording;
  /** A finished recording that is in a bucket, verified. */
  inBucket: FinishedRecording;
  /** Names in the recordings folder that are no recordings: links that lead out, files, empty folders. */
  strange: string[];
  /** Takes the picture that `changed` compares with. */
  takePicture(): Promise<void>;
  /** What differs now from the picture, but for the files of the app itself. */
  changed(): Promise<string[]>;
  end(): Promise<void>;
};

/** Writes all of it and starts the app. */
export async function openTraversalScene(logError: (line: string) => void): Promise<TraversalScene> {
  const root = await mkdtemp(join(tmpdir(), 'tallylight-traversal-'));
  const recordings = join(root, 'ana', 'recordings');
  const elsewhere = join(root, 'elsewhere');
  for (const folder of [recordings, join(root, 'ana', 'profile'), elsewhere]) await mkdir(folder, { recursive: true });
  await plantCanaries([root, join(root, 'ana'), recordings, join(root, 'ana', 'profile'), elsewhere]);
  const whole = await writeFinishedRecording(recordings, [4_000, 2_000]);
  const inBucket = await writeFinishedRecording(recordings, [3_000]);
  await noteVerified(inBucket);
  const strange = await plantStrange(recordings, elsewhere);

  const noted = (facts: unknown, words?: unknown): void => {
    const cause = typeof facts === 'object' && facts !== null ? Reflect.get(facts, 'err') : undefined;
    logError(`${String(words)} ${cause instanceof Error ? (cause.stack ?? cause.message) : ''}`);
  };
  const silent = (): void => undefined;
  const person = await Person.start(root, 'ana', {
    log: { debug: silent, info: silent, warn: silent, error: noted },
  });
  await person.ask('settings.update', {
    cloudProvider: 's3',
    cloudBucket: 'canaries',
    cloudRegion: 'us-east-1',
    cloudEndpoint: 'http://127.0.0.1:9',
    cloudAutomatic: false,
    retentionPolicy: 'forever',
  });
  // Keys that open nothing: links are signed on this computer and nobody is asked.
  const keys = { kind: 's3Keys' as const, accessKeyId: 'canaries', secretAccessKey: 'open-nothing-at-all' };
  await person.ask('cloud.setCredentials', keys);
  await person.ask('recording.list', {});
  let before: TreePicture = new Map();
  return {
    root,
    person,
    whole,
    inBucket,
    strange,
    async takePicture() {
      before = await pictureOf(root);
    },
    changed: async () => differences(root, before, await pictureOf(root), isOfTheApp),
    async end() {
      await person.close();
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What the app writes by itself, whatever it is asked. */
function isOfTheApp(path: string): boolean {
  return /\/profile\/(settings|library|retention|cloud|secrets)[^/]*$/.test(path);
}

async function noteVerified({ folder, files }: FinishedRecording): Promise<void> {
  const destination = {
    provider: 's3' as const,
    bucket: 'canaries',
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:9',
    pathStyle: true,
  };
  for (const { file, sizeBytes, sha256 } of files) {
    const uploadId = randomUUID();
    const facts = await stat(join(folder, file));
    const fingerprint = { sizeBytes, mtimeMs: facts.mtimeMs, inode: facts.ino };
    const lines = [
      journalLine({ kind: 'cloudQueued', destination, files: [{ uploadId, file, key: `k/${file}`, sizeBytes }] }),
      journalLine({ kind: 'cloudBegun', uploadId, session: null, partBytes: sizeBytes, fingerprint }),
      journalLine({ kind: 'cloudSent', uploadId }),
      journalLine({
        kind: 'cloudVerified',
        uploadId,
        by: 'checksum',
        sha256OfParts: sha256,
        partBytes: sizeBytes,
        fingerprint,
      }),
    ];
    await appendFile(join(folder, 'journal.jsonl'), Buffer.concat(lines));
  }
}

/** Things that are called as recordings are, or lead to some, and are none. */
async function plantStrange(recordings: string, elsewhere: string): Promise<string[]> {
  const real = await writeFinishedRecording(elsewhere, [1_000]);
  const [file, toFile] = [randomUUID(), randomUUID()];
  await symlink(real.folder, join(recordings, real.id));
  await symlink(elsewhere, join(recordings, 'link-out'));
  await symlink('../../canary.txt', join(recordings, 'link-to-canary'));
  await symlink(join(elsewhere, 'canary.txt'), join(recordings, toFile));
  await writeFile(join(recordings, file), 'a file with the name of a recording');
  // A folder of such a name that is no link is a recording by the app's own rules, however damaged.
  return [real.id, 'link-out', `link-out/${real.id}`, 'link-to-canary', toFile, file];
}
