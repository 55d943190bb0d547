import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recording } from '../../contract/recording.ts';
import { probeMedia } from '../../main/media/probe.ts';
import { decodeComplaints } from '../support/media-report.ts';
import { recordsIn, statesAheadOfBytes } from './journal-on-disk.ts';

/**
 * Says what is wrong with a recording that was brought to its end: a completed one must have files that are there, are what the
 * list says, and decode without a complaint; one with nothing in it must say so.
 */
export async function faultsOfSaved(recording: Recording, { decodes } = { decodes: true }): Promise<string[]> {
  const faults: string[] = [];
  if (recording.status !== 'completed') {
    const isEmpty = recording.status === 'failed' && recording.error?.code === 'RESULT_INVALID';
    if (!isEmpty) faults.push(`it is ${recording.status} (${recording.error?.code ?? 'no error'})`);
    else if (recording.error?.message === '') faults.push('it is empty without a reason');
    else if (recording.deliverables.length > 0) faults.push('it is called empty and has results');
    return faults;
  }
  if (recording.deliverables.length === 0) faults.push('it is completed and has nothing to play');
  for (const deliverable of recording.deliverables) {
    const path = join(recording.folder, deliverable.file);
    const sizeBytes = await sizeOf(path);
    if (sizeBytes === null || sizeBytes === 0) {
      faults.push(`${deliverable.file} is listed and ${sizeBytes === null ? 'not there' : 'empty'}`);
      continue;
    }
    if (sizeBytes !== deliverable.sizeBytes) faults.push(`${deliverable.file} has not the size that is listed`);
    const probe = await probeMedia(path);
    if (Math.abs((probe.durationMs ?? 0) - deliverable.durationMs) > 1000) {
      faults.push(`${deliverable.file} lasts ${probe.durationMs ?? 'no'} ms, not ${deliverable.durationMs}`);
    }
    const complaints = decodes ? await decodeComplaints(path) : '';
    if (complaints !== '') faults.push(`${deliverable.file} does not decode: ${complaints.slice(0, 200)}`);
  }
  const sizes = new Map<string, number | null>();
  const records = await recordsIn(recording.folder);
  statesAheadOfBytes(records, (file) => (sizes.set(file, null), 0));
  for (const file of sizes.keys()) sizes.set(file, await sizeOf(join(recording.folder, file)));
  faults.push(...statesAheadOfBytes(records, (file) => sizes.get(file) ?? null));
  return faults;
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch {
    return null;
  }
}
