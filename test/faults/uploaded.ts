import type { RecordingCloud } from '../../contract/cloud.ts';
import type { FinishedRecording } from '../support/finished-recording.ts';
import type { Seen } from '../support/unkind-proxy.ts';
import type { BucketStage } from './bucket-stage.ts';

/** What is wrong with what a bucket has of a recording: one object for each file, the same bytes, and nothing beside them. */
export async function faultsInBucket(
  stage: BucketStage,
  { id, files }: FinishedRecording,
  cloud: RecordingCloud,
): Promise<string[]> {
  const faults: string[] = [];
  const objects = new Map([...(await stage.view.objects())].filter(([key]) => key.includes(id)));
  for (const { file, sizeBytes, sha256 } of files) {
    const key = cloud.files.find((each) => each.file === file)?.key;
    if (key === undefined) {
      faults.push(`${file} was not sent`);
      continue;
    }
    const there = objects.get(key);
    objects.delete(key);
    if (there === undefined) faults.push(`${file} is not in the bucket`);
    else if (there !== sizeBytes) faults.push(`${file} has ${there} bytes in the bucket, not ${sizeBytes}`);
    else if ((await stage.view.sha256(key)) !== sha256) faults.push(`${file} has other bytes in the bucket`);
  }
  for (const key of objects.keys()) faults.push(`${key} is in the bucket, and nobody asked for it`);
  if (!cloud.complete) faults.push('it is verified and not complete');
  return faults;
}

/** Bytes of files that were sent with these requests, whether they were answered or not, and the most with one. */
export function mediaBytes(stage: BucketStage, log: readonly Seen[]): { bytes: number; largestBytes: number } {
  const sizes = log.filter((seen) => stage.mediaActs.includes(stage.actOf(seen))).map((seen) => seen.requestBytes);
  return { bytes: sizes.reduce((sum, bytes) => sum + bytes, 0), largestBytes: Math.max(0, ...sizes) };
}
