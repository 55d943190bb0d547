import { z } from 'zod';
import { callPreviewSchema, callSchema, nameSchema } from './call.ts';
import { cloudStatusSchema, connectionTestSchema, MAX_LINK_SECONDS, newCredentialsSchema } from './cloud.ts';
import { controlStatusSchema } from './control.ts';
import { qualityReportSchema } from './quality.ts';
import {
  deliverableSchema,
  capturePlanSchema,
  chunkSchema,
  diskSpaceSchema,
  laneSchema,
  markerSchema,
  recordingSchema,
  segmentEndReasonSchema,
  trackSourceSchema,
} from './recording.ts';
import { deliverableIdSchema, markerIdSchema, participantIdSchema, recordingIdSchema, trackIdSchema } from './ids.ts';
import { retentionStatusSchema } from './retention.ts';
import { settingNameSchema, settingsPatchSchema, settingsSchema } from './settings.ts';

const nothing = z.object({}).strict();
const done = z.object({});
const ofRecording = z.object({ recordingId: recordingIdSchema });

export const environmentSchema = z.object({
  version: z.string(),
  platform: z.string(),
  /** Folder used when the setting is empty. */
  defaultRecordingsFolder: z.string(),
  /** The FFmpeg in use, or why there is none. */
  ffmpeg: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('found'), path: z.string(), version: z.string(), source: z.string() }),
    z.object({ kind: z.literal('missing'), message: z.string() }),
  ]),
  /** Invite link that opened the app and was not used yet. */
  pendingInvite: z.string().nullable(),
  /** Settings that an environment variable decides in this run; a change of them is kept for a run without it. */
  overrides: z.array(z.object({ setting: settingNameSchema, variable: z.string() })),
  /** Variables that were not understood and decide nothing; never with their value. */
  overrideProblems: z.array(z.object({ variable: z.string(), message: z.string() })),
});
export type Environment = z.infer<typeof environmentSchema>;

/** Every request renderer -> main. Both processes import this map: a name that is not here does not compile. */
export const requests = {
  'app.environment': { input: nothing, output: environmentSchema },
  /** The answer to `closeRequested`: end what runs and close, or stay open. */
  'app.close': { input: z.object({ choice: z.enum(['endAndClose', 'stay']) }), output: done },
  /** Marks the pending invite as taken over by the lobby. */
  'app.inviteTaken': { input: nothing, output: done },
  'app.copyText': { input: z.object({ text: z.string().min(1).max(4000) }), output: done },

  'settings.get': { input: nothing, output: settingsSchema },
  'settings.update': { input: settingsPatchSchema, output: settingsSchema },
  /** Opens the system's folder dialog; null when it was cancelled. */
  'settings.chooseFolder': { input: nothing, output: z.object({ folder: z.string().nullable() }) },

  'call.current': { input: nothing, output: z.object({ call: callSchema.nullable() }) },
  'call.create': {
    input: z.object({ name: nameSchema, title: z.string().max(200), microphoneOn: z.boolean(), cameraOn: z.boolean() }),
    output: callSchema,
  },
  'call.inspect': { input: z.object({ link: z.string().max(2000) }), output: callPreviewSchema },
  'call.join': {
    input: z.object({
      link: z.string().max(2000),
      name: nameSchema,
      microphoneOn: z.boolean(),
      cameraOn: z.boolean(),
      /** The person read the notice and chose to continue; needed when the call is being recorded. */
      consented: z.boolean(),
    }),
    output: callSchema,
  },
  'call.setMedia': { input: z.object({ microphoneOn: z.boolean(), cameraOn: z.boolean() }), output: done },
  'call.leave': { input: nothing, output: done },
  'call.end': { input: nothing, output: done },
  /** Host only: takes somebody out of the call for good; invite links given out before work no more. */
  'call.remove': { input: z.object({ participantId: participantIdSchema }), output: done },
  /** What the window measured of its connections; main judges it. */
  'call.reportQuality': { input: qualityReportSchema, output: done },

  'recording.start': { input: nothing, output: recordingSchema },
  'recording.stop': { input: ofRecording, output: recordingSchema },
  /** The clock of the recording stands still until `resume`: what is said meanwhile is not recorded. */
  'recording.pause': { input: ofRecording, output: recordingSchema },
  'recording.resume': { input: ofRecording, output: recordingSchema },
  /** Room for recordings, before one is started: at the bit rates of the settings for this many people. */
  'recording.space': { input: z.object({ people: z.int().min(1).max(200) }), output: diskSpaceSchema },
  /** Drops a marker at this instant of the running recording. */
  'recording.addMarker': { input: ofRecording, output: markerSchema },
  'recording.renameMarker': {
    input: ofRecording.extend({ markerId: markerIdSchema, name: z.string().trim().max(200) }),
    output: recordingSchema,
  },
  'recording.removeMarker': { input: ofRecording.extend({ markerId: markerIdSchema }), output: recordingSchema },
  /** A window of the host takes over capturing; `clockMs` is its monotonic clock, answered by that clock's value at the recording's time 0. */
  'recording.attach': {
    input: z.object({ recordingId: recordingIdSchema, clockMs: z.number().min(0) }),
    output: z.object({ zeroClockMs: z.number(), plan: capturePlanSchema }),
  },
  'recording.openTrack': {
    input: z.object({
      recordingId: recordingIdSchema,
      /** Null for the mix. */
      participantId: participantIdSchema.nullable(),
      source: trackSourceSchema,
    }),
    output: z.object({ trackId: trackIdSchema }),
  },
  'recording.openSegment': {
    input: z.object({
      recordingId: recordingIdSchema,
      trackId: trackIdSchema,
      lanes: z.array(laneSchema).min(1).max(2),
      atMs: z.number().min(0),
    }),
    output: z.object({ segment: z.int().min(0) }),
  },
  /** The answer is the ack: every byte of the chunk was written (DESIGN rule 2). */
  'recording.append': { input: chunkSchema, output: z.object({ seq: z.int().min(0) }) },
  /** `expecting` false: this lane is muted at its source, so its silence is not a fault. */
  'recording.expect': {
    input: z.object({
      recordingId: recordingIdSchema,
      trackId: trackIdSchema,
      lane: laneSchema,
      expecting: z.boolean(),
    }),
    output: done,
  },
  'recording.closeSegment': {
    input: z.object({
      recordingId: recordingIdSchema,
      trackId: trackIdSchema,
      segment: z.int().min(0),
      reason: segmentEndReasonSchema,
    }),
    output: done,
  },
  'recording.get': { input: ofRecording, output: recordingSchema },
  'recording.list': { input: nothing, output: z.object({ recordings: z.array(recordingSchema) }) },
  'recording.rename': {
    input: ofRecording.extend({ title: z.string().trim().min(1).max(200) }),
    output: recordingSchema,
  },
  /** Into the bin. `alsoInBucket`: first its files in the bucket go for good; when that fails nothing is deleted here. */
  'recording.delete': { input: ofRecording.extend({ alsoInBucket: z.boolean().default(false) }), output: done },
  /** A pinned recording never leaves this computer by itself. */
  'recording.pin': { input: ofRecording.extend({ pinned: z.boolean() }), output: recordingSchema },
  /** Makes an MP4 of one track; progress comes as recordingProgress events. */
  'recording.exportTrack': { input: ofRecording.extend({ trackId: trackIdSchema }), output: deliverableSchema },
  /** Runs the finishing again after its cause is gone. */
  'recording.retry': { input: ofRecording, output: recordingSchema },
  'recording.showInFolder': {
    input: ofRecording.extend({ deliverableId: deliverableIdSchema.nullable() }),
    output: done,
  },

  'control.status': { input: nothing, output: controlStatusSchema },
  /** Puts the owner's token of the control API on the clipboard; the window never sees it. */
  'control.copyToken': { input: nothing, output: done },
  /** Makes a new token of the owner; the one before is refused from now on. */
  'control.renewToken': { input: nothing, output: controlStatusSchema },

  'cloud.status': { input: nothing, output: cloudStatusSchema },
  'cloud.setCredentials': { input: newCredentialsSchema, output: cloudStatusSchema },
  'cloud.forgetCredentials': { input: nothing, output: cloudStatusSchema },
  /** The person read that credentials cannot be protected here and wants them kept, or no longer wants it. */
  'cloud.allowUnprotected': { input: z.object({ allowed: z.boolean() }), output: cloudStatusSchema },
  /** Writes, reads back and deletes a small object with the settings as they are. */
  'cloud.test': { input: nothing, output: connectionTestSchema },
  /** Sends what the settings say of this recording, or what failed of it again. */
  'cloud.upload': { input: ofRecording, output: recordingSchema },
  'cloud.pause': { input: ofRecording, output: recordingSchema },
  'cloud.resume': { input: ofRecording, output: recordingSchema },
  /** Ends an upload and removes its unfinished parts from the bucket; what is verified there stays. */
  'cloud.cancel': { input: ofRecording, output: recordingSchema },
  /** Puts a link to a file in the bucket on the clipboard; it works for everybody until it expires. */
  'cloud.copyLink': {
    input: ofRecording.extend({ file: z.string().max(500), validSeconds: z.int().min(60).max(MAX_LINK_SECONDS) }),
    output: z.object({ expiresAt: z.iso.datetime() }),
  },
  /** Deletes a recording's files in the bucket for good. */
  'cloud.removeFiles': { input: ofRecording, output: recordingSchema },

  'retention.status': { input: nothing, output: retentionStatusSchema },
  'retention.noticeSeen': { input: nothing, output: done },
  /** The answer to the question of the status: `keep` pins them all. */
  'retention.answer': { input: z.object({ choice: z.enum(['moveToBin', 'keep']) }), output: retentionStatusSchema },
  'bin.restore': { input: z.object({ entry: z.string().max(200) }), output: retentionStatusSchema },
  /** Deletes one entry for good, or all of them (null). */
  'bin.empty': { input: z.object({ entry: z.string().max(200).nullable() }), output: retentionStatusSchema },
} as const;

export type RequestName = keyof typeof requests;
export type RequestInput<N extends RequestName> = z.input<(typeof requests)[N]['input']>;
export type ParsedInput<N extends RequestName> = z.output<(typeof requests)[N]['input']>;
export type RequestOutput<N extends RequestName> = z.output<(typeof requests)[N]['output']>;

/** The one channel that carries every request. */
export const REQUEST_CHANNEL = 'tallylight:request';
