import { z } from 'zod';
import { callEndReasonSchema, callSchema } from './call.ts';
import { cloudStatusSchema } from './cloud.ts';
import { controlStatusSchema } from './control.ts';
import { participantQualitySchema } from './quality.ts';
import { recordingEventSchema } from './recording.ts';
import { retentionStatusSchema } from './retention.ts';
import { settingsSchema } from './settings.ts';

/** Every event main -> renderer. A window that asks for a snapshot first and then listens misses nothing. */
export const events = {
  'call.changed': z.object({ call: callSchema.nullable(), endReason: callEndReasonSchema.nullable() }),
  'recording.event': recordingEventSchema,
  /** How the connections of the call are; empty when it is over. */
  'call.quality': z.object({ people: z.array(participantQualitySchema) }),
  'control.changed': controlStatusSchema,
  'settings.changed': settingsSchema,
  'cloud.changed': cloudStatusSchema,
  'retention.changed': retentionStatusSchema,
  /** A tallylight:// link was opened: the lobby fills it in, nothing more. */
  'app.inviteOpened': z.object({ link: z.string() }),
  /** The person closed the window while a call or a recording runs: ask once, answer by `app.close`. */
  'app.closeRequested': z.object({ recording: z.boolean(), inCall: z.boolean() }),
} as const;

export type EventName = keyof typeof events;
export type EventPayload<N extends EventName> = z.output<(typeof events)[N]>;

/** The one channel that carries every event, as `{ name, payload }`. */
export const EVENT_CHANNEL = 'tallylight:event';
