import { resolve } from 'node:path';
import type { ControlClient } from './control-client.ts';
import type { Command } from './command.ts';
import { copyOut, refusalToWrite } from './copy-out.ts';
import { plain, size } from './words.ts';

export type ExportPorts = {
  cwd: string;
  signal: AbortSignal;
  /** Null where nobody watches. */
  progress: ((text: string) => void) | null;
};

/** Has the app make or find the file, and copies it to where it was asked for. */
export async function exportFile(
  client: ControlClient,
  { recordingId, format, trackId, out, force }: Extract<Command, { kind: 'export' }>,
  { cwd, signal, progress }: ExportPorts,
): Promise<{ raw: unknown; lines: readonly string[] }> {
  const to = resolve(cwd, out);
  const refusal = await refusalToWrite(to, force);
  if (refusal !== null) throw refusal;
  progress?.('Waiting for the file');
  const { data, raw } = await client.ask('exportRecording', {
    params: { recordingId },
    body: { format, trackId },
    // Making an MP4 of a long recording takes as long as it takes.
    limitMs: null,
  });
  let shown = -1;
  await copyOut({
    from: data.path,
    to,
    force,
    signal,
    onProgress: (fraction) => {
      const percent = Math.floor(fraction * 100);
      if (percent === shown) return;
      shown = percent;
      progress?.(`Copying ${percent} % of ${size(data.fileSize)}`);
    },
  });
  progress?.('');
  return { raw, lines: [`${plain(to)} (${size(data.fileSize)})`] };
}
