import { extname } from 'node:path';
import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { nameSchema } from '../../contract/call.ts';
import { controlRoutes, type ControlQuery } from '../../contract/control-routes.ts';
import { AppError } from '../../contract/errors.ts';
import { recordingIdSchema, trackIdSchema, type RecordingId, type TrackId } from '../../contract/ids.ts';
import { parseInviteLink } from '../../contract/invite.ts';
import { fileFormatSchema, recordingStatusSchema, type FileFormat } from '../../contract/recording.ts';
import { readDurationMs } from './duration.ts';
import { readInstant } from './instant.ts';

/** The arguments do not make a command; the message says why. */
export class Misuse extends Error {}

const titleSchema = z.string().trim().max(200);

/** The title of a call or of a marker: may be empty. */
export function readTitle(text: string | undefined): string {
  return checked(titleSchema, text ?? '', '--title takes up to 200 characters.');
}

/** The name of a marker: may be empty. */
export function readMarkerName(text: string | undefined): string {
  return checked(titleSchema, text ?? '', '--name takes up to 200 characters.');
}

/** The name of a person; null where none was given. */
export function readName(text: string | undefined): string | null {
  return text === undefined ? null : checked(nameSchema, text, '--name takes a name of 1 to 80 characters.');
}

/** An invite link of ours. */
export function readLink(text: string): string {
  try {
    parseInviteLink(text);
  } catch (error) {
    if (error instanceof AppError) throw new Misuse(error.message);
    throw error;
  }
  return text.trim();
}

/** The id of a recording as `list` prints it. */
export function readRecordingId(text: string): RecordingId {
  return checked(recordingIdSchema, text, `"${text}" is not the id of a recording: "tallylight list" shows them.`);
}

/** What is asked of the library. */
export function readListQuery(values: {
  status?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  query?: string | undefined;
  limit?: string | undefined;
  cursor?: string | undefined;
}): ControlQuery<'listRecordings'> {
  const { shape } = controlRoutes.listRecordings.query;
  const { status, from, to, query, limit, cursor } = values;
  const states = recordingStatusSchema.options.join(', ');
  return {
    ...(status === undefined
      ? {}
      : { status: checked(recordingStatusSchema, status, `--status takes one of ${states}.`) }),
    ...(from === undefined ? {} : { from: readDay('--from', from, 'start') }),
    ...(to === undefined ? {} : { to: readDay('--to', to, 'end') }),
    ...(query === undefined ? {} : { q: checked(titleSchema, query, '--query takes up to 200 characters.') }),
    // An empty text would count as 0.
    limit: checked(shape.limit, limit === '' ? 'none' : limit, '--limit takes a number from 1 to 200.'),
    ...(cursor === undefined
      ? {}
      : { cursor: checked(z.string().min(1).max(200), cursor, '--cursor takes what "list" gave.') }),
  };
}

function readDay(option: string, text: string, edge: 'start' | 'end'): string {
  const instant = readInstant(text, edge);
  if (instant === null) throw new Misuse(`${option} takes a day (2026-11-23) or a time (2026-11-23T14:00).`);
  return instant;
}

/** What is exported, and where it goes; without --format the ending of the file says which. */
export function readExport(values: {
  format?: string | undefined;
  track?: string | undefined;
  out?: string | undefined;
  force?: boolean | undefined;
}): { format: FileFormat; trackId: TrackId | null; out: string; force: boolean } {
  const { format, track, out, force } = values;
  if (out === undefined || out === '') throw new Misuse('--out is missing: the file to write.');
  const told = format ?? extname(out).slice(1).toLowerCase();
  return {
    format: checked(fileFormatSchema, told, '--format takes one of mp4, webm, mkv.'),
    trackId:
      track === undefined
        ? null
        : checked(trackIdSchema, track, `"${track}" is not the id of a track: "tallylight list --json" shows them.`),
    out,
    force: force === true,
  };
}

/** How old a recording must be to go. */
export function readAge(text: string | undefined): number {
  if (text === undefined) throw new Misuse('--older-than is missing, for example --older-than 30d.');
  const ageMs = readDurationMs(text);
  if (ageMs === null) throw new Misuse('--older-than takes an age like 30d, 12h, 90m, or milliseconds.');
  return ageMs;
}

function checked<T extends z.ZodType>(schema: T, value: unknown, complaint: string): z.output<T> {
  const result = parseUntrusted(schema, value);
  if (!result.success) throw new Misuse(complaint);
  return result.data;
}
