import { toRecordingCloud } from './fold-cloud.ts';
import type { Files } from './ports.ts';
import { insideFolder } from './recording-folder.ts';
import type { RecordingModel } from './recording-model.ts';

/**
 * Why what lies here must not be taken for what lies in the bucket, in words; null when every finished file is verified there and
 * is still the very file that was compared.
 */
export async function whyNotVerified(files: Files, model: RecordingModel, folder: string): Promise<string | null> {
  const finished = model.deliverables.map(({ file }) => file);
  if (!toRecordingCloud(model.cloud, finished).complete) return 'Not all of its files are in your bucket, verified.';
  for (const file of finished) {
    const path = insideFolder(folder, file);
    const copy = model.cloud.files.find((each) => each.file === file && each.state === 'verified');
    const wanted = copy?.fingerprint ?? null;
    const found = path === null ? null : await files.fingerprint(path);
    if (wanted === null || found === null) return `Its file ${file} is not where it was.`;
    const isSame =
      found.sizeBytes === wanted.sizeBytes && found.mtimeMs === wanted.mtimeMs && found.inode === wanted.inode;
    if (!isSame) return `Its file ${file} was changed after it had been compared with your bucket.`;
  }
  return null;
}
