/** What every target must do, whatever is behind it. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type {
  CallOptions,
  CloudTarget,
  ContentHash,
  ObjectSpec,
  Part,
  SentPart,
} from '../../main/cloud/cloud-target.ts';

export type TargetUnderTest = {
  target: CloudTarget;
  /** Another one for the same bucket, as after a restart. */
  reopen: () => Promise<CloudTarget>;
  /** With a secret that is not the right one; where the server looks at secrets. */
  withWrongSecret?: () => Promise<CloudTarget>;
  /** For a bucket that does not exist; where the server knows. */
  withoutBucket?: () => Promise<CloudTarget>;
  /** Whether links can be fetched here, and the server looks at their signatures. */
  checksLinks: boolean;
  /** After all tests. */
  close?: () => Promise<void>;
};

/** What upload tests need of an object: its bytes, its parts as they are sent, and what it must be. */
export type Specimen = { object: ObjectSpec; bytes: Uint8Array; hash: ContentHash };

const ODD_NAMES = [
  'calls/Müller & Söhne, 3.2.2027/mix.webm',
  'calls/会议 録画/mix.webm',
  'calls/100 % + more = a+b/mix%20(1).webm',
  "calls/it's [here] ~ !*#?.webm",
];

let made = 0;

/** An object of random bytes in parts of the smallest size a target takes: `parts` full ones but for the last. */
export function makeSpecimen(target: CloudTarget, parts = 3, key = `suite/object ${made}.webm`): Specimen {
  made += 1;
  const partBytes = Math.max(target.minPartBytes, target.partGranularityBytes);
  const bytes = randomBytes((parts - 1) * partBytes + Math.min(partBytes, 12_345));
  const object = { key, sizeBytes: bytes.byteLength, contentType: 'video/webm', partBytes };
  return { object, bytes, hash: hashOf(object, bytes) };
}

/** A part of a specimen by its number, or what is behind an offset up to that part's end. */
export function partOf({ object, bytes }: Specimen, number: number, from = 0): Part {
  const offsetBytes = Math.max((number - 1) * object.partBytes, from);
  const endBytes = Math.min(number * object.partBytes, object.sizeBytes);
  const content = bytes.subarray(offsetBytes, endBytes);
  return { number, offsetBytes, bytes: content, sha256Hex: sha256(content), isLast: endBytes === object.sizeBytes };
}

/** Sends what the server lacks, as it says itself, and answers with all parts. */
export async function sendMissing(target: CloudTarget, specimen: Specimen, session: string): Promise<SentPart[]> {
  const state = await target.inspect(specimen.object, session, calm());
  const { partBytes, sizeBytes } = specimen.object;
  const count = Math.ceil(sizeBytes / partBytes);
  if (state.kind === 'parts') {
    const parts = [...state.parts];
    for (let number = 1; number <= count; number += 1) {
      if (parts.some((part) => part.number === number)) continue;
      parts.push(await target.sendPart(specimen.object, session, partOf(specimen, number), calm()));
    }
    return parts.toSorted((a, b) => a.number - b.number);
  }
  if (state.kind !== 'offset') throw new Error(`the upload is ${state.kind}`);
  const parts: SentPart[] = [];
  for (let number = Math.floor(state.receivedBytes / partBytes) + 1; number <= count; number += 1) {
    const part = partOf(specimen, number, state.receivedBytes);
    parts.push(await target.sendPart(specimen.object, session, part, calm()));
  }
  return parts;
}

/** Runs the shared tests against one target. */
export function describeCloudTarget(name: string, open: () => Promise<TargetUnderTest>, openLimitMs = 60_000): void {
  describe(name, () => {
    let made: TargetUnderTest;
    let target: CloudTarget;
    beforeAll(async () => {
      made = await open();
      target = made.target;
    }, openLimitMs);
    afterAll(async () => {
      target?.close();
      await made?.close?.();
    });

    const upload = async (specimen: Specimen): Promise<void> => {
      const { session } = await target.begin(specimen.object, calm());
      await target.finish(specimen.object, session, await sendMissing(target, specimen, session), calm());
    };

    test('an object that is sent in parts is the same in the bucket', async () => {
      const specimen = makeSpecimen(target);
      const { session } = await target.begin(specimen.object, calm());
      expect(await target.inspect(specimen.object, session, calm())).toEqual(
        target.partsInFlight === 1 ? { kind: 'offset', receivedBytes: 0 } : { kind: 'parts', parts: [] },
      );
      expect(await target.sizeBytes(specimen.object.key, calm())).toBeNull();
      const parts = await sendMissing(target, specimen, session);
      await target.finish(specimen.object, session, parts, calm());
      expect(await target.inspect(specimen.object, session, calm())).toEqual({ kind: 'finished' });
      expect(await target.verify(specimen.object, specimen.hash, calm())).toMatchObject({ kind: 'same' });
      expect(await target.sizeBytes(specimen.object.key, calm())).toBe(specimen.object.sizeBytes);
      const read = await target.read(specimen.object.key, specimen.object.sizeBytes, calm());
      expect(sha256(read)).toBe(sha256(specimen.bytes));
    });

    test('the server has what inspect says, and parts may come in any order and again', async () => {
      const specimen = makeSpecimen(target, 4);
      const { object } = specimen;
      const { session } = await target.begin(object, calm());
      // Where parts must follow each other, the first is all that can be there.
      if (target.partsInFlight === 1) {
        await target.sendPart(object, session, partOf(specimen, 1), calm());
        expect(await target.inspect(object, session, calm())).toEqual({
          kind: 'offset',
          receivedBytes: object.partBytes,
        });
      } else {
        const last = await target.sendPart(object, session, partOf(specimen, 4), calm());
        const two = [2, 3].map((number) => target.sendPart(object, session, partOf(specimen, number), calm()));
        const middle = await Promise.all(two);
        expect(await target.sendPart(object, session, partOf(specimen, 3), calm())).toEqual(middle[1]);
        expect(await target.inspect(object, session, calm())).toEqual({ kind: 'parts', parts: [...middle, last] });
      }
      await target.finish(object, session, await sendMissing(target, specimen, session), calm());
      expect(await target.verify(object, specimen.hash, calm())).toMatchObject({ kind: 'same' });
    });

    test('an upload goes on after a restart with what the server says that it has', async () => {
      const specimen = makeSpecimen(target);
      const { session } = await target.begin(specimen.object, calm());
      await target.sendPart(specimen.object, session, partOf(specimen, 1), calm());
      const later = await made.reopen();
      const parts = await sendMissing(later, specimen, session);
      await later.finish(specimen.object, session, parts, calm());
      expect(await later.verify(specimen.object, specimen.hash, calm())).toMatchObject({ kind: 'same' });
      later.close();
    });

    test('an upload with a missing part cannot be finished', async () => {
      const specimen = makeSpecimen(target);
      const { object } = specimen;
      const { session } = await target.begin(object, calm());
      const first = await target.sendPart(object, session, partOf(specimen, 1), calm());
      const never = {
        number: 2,
        sizeBytes: object.partBytes,
        etag: first.etag && '"0123456789abcdef0123456789abcdef"',
      };
      const error = await problem(target.finish(object, session, [first, never], calm()));
      expect(error.code).toMatch(/^CLOUD_/);
      expect(await target.verify(object, specimen.hash, calm())).toEqual({ kind: 'missing' });
    });

    test('verify says missing, and different for one other byte, one byte less and one byte more', async () => {
      const specimen = makeSpecimen(target, 2);
      const { object, bytes, hash } = specimen;
      expect(await target.verify(object, hash, calm())).toEqual({ kind: 'missing' });
      await upload(specimen);
      expect(await target.verify(object, hash, calm())).toMatchObject({ kind: 'same' });
      for (const at of [0, object.partBytes, bytes.byteLength - 1]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        await target.put(object, changed, calm());
        expect(await target.verify(object, hash, calm())).toMatchObject({ kind: 'different' });
      }
      for (const other of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from([7])])]) {
        await target.put({ ...object, sizeBytes: other.byteLength }, other, calm());
        expect(await target.verify(object, hash, calm())).toMatchObject({ kind: 'different' });
      }
      await target.put(object, bytes, calm());
      expect(await target.verify(object, hash, calm())).toMatchObject({ kind: 'same' });
    });

    test('an upload that was given up is gone, and giving it up again is fine', async () => {
      const specimen = makeSpecimen(target);
      const { object } = specimen;
      const { session } = await target.begin(object, calm());
      await target.sendPart(object, session, partOf(specimen, 1), calm());
      await target.abort(object.key, session, calm());
      expect(await target.inspect(object, session, calm())).toEqual({ kind: 'gone' });
      await target.abort(object.key, session, calm());
      const error = await problem(target.sendPart(object, session, partOf(specimen, 2), calm()));
      expect(error.code).toBe('CLOUD_UPLOAD_GONE');
      expect(await target.openUploads(object.key, calm())).toEqual([]);
    });

    test('a small file is put, measured, read up to a limit, and removed; removing it again is fine', async () => {
      const bytes = Buffer.from('{"tally":"light"}\n');
      const object = {
        key: 'suite/small.json',
        sizeBytes: bytes.byteLength,
        contentType: 'application/json',
        partBytes: 1,
      };
      await target.put(object, bytes, calm());
      expect(await target.sizeBytes(object.key, calm())).toBe(bytes.byteLength);
      expect(Buffer.from(await target.read(object.key, bytes.byteLength, calm())).toString()).toBe(bytes.toString());
      const tooLarge = await problem(target.read(object.key, bytes.byteLength - 1, calm()));
      expect(tooLarge.code).toBe('CLOUD_CONTENT_DIFFERS');
      await target.remove(object.key, calm());
      await target.remove(object.key, calm());
      expect(await target.sizeBytes(object.key, calm())).toBeNull();
      expect((await problem(target.read(object.key, 100, calm()))).code).toBe('CLOUD_OBJECT_MISSING');
    });

    test('an empty file arrives as one', async () => {
      const object = { key: 'suite/empty', sizeBytes: 0, contentType: 'text/plain', partBytes: 1024 };
      await target.put(object, new Uint8Array(), calm());
      expect(await target.sizeBytes(object.key, calm())).toBe(0);
      expect(await target.verify(object, hashOf(object, new Uint8Array()), calm())).toMatchObject({ kind: 'same' });
    });

    test.each(ODD_NAMES)('the name %s arrives as it is', async (key) => {
      const specimen = makeSpecimen(target, 2, key);
      await upload(specimen);
      expect(await target.verify(specimen.object, specimen.hash, calm())).toMatchObject({ kind: 'same' });
      if (made.checksLinks) {
        const response = await fetch(await target.link(key, 60));
        expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(specimen.bytes));
      }
      await target.remove(key, calm());
      expect(await target.sizeBytes(key, calm())).toBeNull();
    });

    test('a link opens the file to whoever has it, and not without its signature', async ({ skip }) => {
      if (!made.checksLinks) skip('no server looks at links here');
      const bytes = Buffer.from('for those who have the link');
      const object = { key: 'suite/linked.txt', sizeBytes: bytes.byteLength, contentType: 'text/plain', partBytes: 1 };
      await target.put(object, bytes, calm());
      const link = await target.link(object.key, 60);
      const fetched = await fetch(link);
      expect(fetched.status).toBe(200);
      expect(await fetched.text()).toBe(bytes.toString());
      const url = new URL(link);
      const signature = [...url.searchParams.keys()].find((each) => /signature/i.test(each)) ?? '';
      url.searchParams.set(signature, 'f'.repeat(64));
      expect((await fetch(url)).status).toBe(403);
      url.search = '';
      expect((await fetch(url)).ok).toBe(false);
    });

    test('a wrong secret is told as a wrong key', async ({ skip }) => {
      if (made.withWrongSecret === undefined) skip('nothing here looks at secrets');
      const wrong = await made.withWrongSecret?.();
      if (wrong === undefined) return;
      const { object, bytes } = makeSpecimen(wrong, 1);
      for (const attempt of [
        () => wrong.put(object, bytes, calm()),
        () => wrong.begin(object, calm()),
        () => wrong.read('suite/x', 10, calm()),
        () => wrong.openUploads('suite/', calm()),
      ]) {
        const outcome: unknown = await attempt().then(
          (value) => value,
          (error: unknown) => error,
        );
        // Where uploads cannot be listed at all, the answer is always that there are none.
        if (Array.isArray(outcome) && target.partsInFlight === 1) continue;
        expect(outcome).toMatchObject({ code: 'CLOUD_KEY_WRONG', retryable: false });
      }
      wrong.close();
    });

    test('a bucket that does not exist is told as such', async ({ skip }) => {
      if (made.withoutBucket === undefined) skip('nothing here knows of other buckets');
      const without = await made.withoutBucket?.();
      if (without === undefined) return;
      const { object, bytes } = makeSpecimen(without, 1);
      expect((await problem(without.begin(object, calm()))).code).toBe('CLOUD_BUCKET_MISSING');
      expect((await problem(without.put(object, bytes, calm()))).code).toBe('CLOUD_BUCKET_MISSING');
      without.close();
    });

    test('an abort ends a part on its way at once, and nothing is begun after it', async () => {
      const specimen = makeSpecimen(target, 2);
      const { object } = specimen;
      const { session } = await target.begin(object, calm());
      const controller = new AbortController();
      const { signal } = controller;
      const sending = target.sendPart(object, session, partOf(specimen, 1), {
        signal,
        onBytes: () => controller.abort(),
      });
      expect((await problem(sending)).code).toBe('ABORTED');
      for (const late of [
        () => target.begin(object, { signal }),
        () => target.put(object, specimen.bytes, { signal }),
        () => target.verify(object, specimen.hash, { signal }),
        () => target.inspect(object, session, { signal }),
      ]) {
        expect((await problem(late())).code).toBe('ABORTED');
      }
      // What was cut can be sent again.
      await target.finish(object, session, await sendMissing(target, specimen, session), calm());
      expect(await target.verify(object, specimen.hash, calm())).toMatchObject({ kind: 'same' });
    });

    test('an abort also ends a part that a cap of the bandwidth holds back', async () => {
      const specimen = makeSpecimen(target, 2);
      const { session } = await target.begin(specimen.object, calm());
      const controller = new AbortController();
      const throttle = (_bytes: number, signal: AbortSignal): Promise<void> =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new AppError('ABORTED', 'Stopped.')), { once: true });
          setImmediate(() => controller.abort());
        });
      const options = { signal: controller.signal, throttle };
      expect((await problem(target.sendPart(specimen.object, session, partOf(specimen, 1), options))).code).toBe(
        'ABORTED',
      );
      await target.abort(specimen.object.key, session, calm());
    });

    test('every byte passes the cap before it is reported, in pieces, and they add up', async () => {
      const specimen = makeSpecimen(target, 2);
      const { object } = specimen;
      const { session } = await target.begin(object, calm());
      let passed = 0;
      let reported = 0;
      let largest = 0;
      const options: CallOptions = {
        signal: new AbortController().signal,
        throttle: async (bytes) => {
          largest = Math.max(largest, bytes);
          await new Promise((resolve) => setImmediate(resolve));
          passed += bytes;
        },
        onBytes: (bytes) => {
          reported += bytes;
          expect(reported).toBeLessThanOrEqual(passed);
        },
      };
      await target.sendPart(object, session, partOf(specimen, 1), options);
      expect(passed).toBe(object.partBytes);
      expect(reported).toBe(object.partBytes);
      expect(largest).toBeLessThanOrEqual(64 * 1024);
      const bytes = randomBytes(100_000);
      await target.put({ ...object, key: 'suite/capped', sizeBytes: bytes.byteLength }, bytes, options);
      expect(passed).toBe(object.partBytes + bytes.byteLength);
      expect(reported).toBe(passed);
      await target.abort(object.key, session, calm());
    });

    test('an error says what is wrong and nothing of what the library knows', async () => {
      const error = await problem(target.read('suite/not there', 10, calm()));
      expect(error.cause).toBeUndefined();
      expect(Object.keys(error).toSorted()).toEqual(['code', 'details', 'name', 'retryable']);
    });
  });
}

/** Options of a call that nobody ends or slows down. */
export function calm(): CallOptions {
  return { signal: new AbortController().signal };
}

/** What must be in the bucket for these bytes. */
export function hashOf({ partBytes }: ObjectSpec, bytes: Uint8Array): ContentHash {
  const partSha256: string[] = [];
  for (let offset = 0; offset < bytes.byteLength; offset += partBytes) {
    partSha256.push(sha256(bytes.subarray(offset, offset + partBytes)));
  }
  const md5Hex = createHash('md5').update(bytes).digest('hex');
  return { sizeBytes: bytes.byteLength, partBytes, partSha256, md5Hex };
}

/** The AppError that a call fails with; anything else fails the test. */
export async function problem(call: Promise<unknown>): Promise<AppError> {
  const outcome: unknown = await call.then(
    (value) => ({ succeededWith: value }),
    (error: unknown) => error,
  );
  if (outcome instanceof AppError) return outcome;
  throw new Error('the call did not fail with an AppError', { cause: outcome });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
