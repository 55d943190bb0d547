import { z } from 'zod';
import { recordingIdSchema } from './ids.ts';

/** How long something lies in the bin before it goes for good, days. */
export const BIN_DAYS = 7;

/** Something in the bin: a whole recording, or the media of one whose entry stays in the library. */
export const binEntrySchema = z.object({
  /** Name of the entry inside its bin. */
  id: z.string().min(1).max(200),
  recordingId: recordingIdSchema,
  kind: z.enum(['recording', 'media']),
  title: z.string().max(200),
  participantNames: z.array(z.string()),
  startedAt: z.iso.datetime(),
  sizeBytes: z.number(),
  binnedAt: z.iso.datetime(),
  /** When it goes for good. */
  goesAt: z.iso.datetime(),
});
export type BinEntry = z.infer<typeof binEntrySchema>;

/** What clean-up is about to do and what lies in the bin. */
export const retentionStatusSchema = z.object({
  /** Told once before something leaves this computer by itself; null when there is nothing to tell. */
  notice: z.object({ recordingIds: z.array(recordingIdSchema), firstAt: z.iso.datetime() }).nullable(),
  /** So many would leave at once that somebody has to say yes. */
  question: z.object({ recordingIds: z.array(recordingIdSchema), sizeBytes: z.number() }).nullable(),
  /** Something would leave, but the clock of this computer jumped, or nobody saw it for two days: nothing does until the next start. */
  clockJumped: z.boolean(),
  /** Newest first. */
  bin: z.array(binEntrySchema),
});
export type RetentionStatus = z.infer<typeof retentionStatusSchema>;
