import type { FinishedRecording } from '../support/finished-recording.ts';
import type { BucketAct } from '../support/bucket-requests.ts';
import type { Fault, Seen } from '../support/unkind-proxy.ts';
import type { BucketStage } from './bucket-stage.ts';

type AnswerInstead = Extract<Fault, { kind: 'instead' }>['run'];

/** One way in which a server says something that is not so. */
export type Lie = {
  name: string;
  /**
   * What can come of it: all is well and must be found so, or nothing good as long as the lie is told; `either` where it depends on how
   * far it is believed. Whatever is called verified must be the same bytes.
   */
  content: 'good' | 'bad' | 'either';
  /** Sizes of the recording's files; a file of several parts when left out. */
  sizes?: readonly number[];
  /** It is told only to an app that was killed and goes on. */
  resumes?: boolean;
  arrange: (stage: BucketStage, recording: FinishedRecording) => unknown;
};

/** Answers requests of one kind in the server's place. */
export function answerInstead({ proxy, actOf }: BucketStage, act: BucketAct, run: AnswerInstead): void {
  proxy.add({ name: 'lie', when: (seen) => actOf(seen) === act, fault: { kind: 'instead', run } });
}

/** Puts another object in the place of one as soon as the server has stored it, and lets the server's good answer pass. */
export function whenStored(
  { proxy, actOf, view }: BucketStage,
  keyOf: (seen: Seen) => string,
  change: (bytes: Buffer) => Buffer,
): void {
  proxy.add({
    name: 'lie',
    when: (seen) => actOf(seen) === 'finish' || actOf(seen) === 'put',
    fault: {
      kind: 'instead',
      run: async ({ seen }, forward) => {
        const answer = await forward();
        if (answer.status === 200) await view.write(keyOf(seen), change(await view.read(keyOf(seen))));
        return answer;
      },
    },
  });
}

/** The same bytes but for one in the middle. */
export function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const middle = changed.byteLength >> 1;
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}
