import { z } from 'zod';

/** Grammar of every id that crosses a boundary: 36 characters of lower-case hex and dashes (RFC 9562 text form). */
const ID_PATTERN = /^[0-9a-f-]{36}$/;

const id = () => z.string().regex(ID_PATTERN);

export const callIdSchema = id().brand<'CallId'>();
export const participantIdSchema = id().brand<'ParticipantId'>();
export const peerIdSchema = id().brand<'PeerId'>();
export const recordingIdSchema = id().brand<'RecordingId'>();
export const trackIdSchema = id().brand<'TrackId'>();
export const deliverableIdSchema = id().brand<'DeliverableId'>();
export const markerIdSchema = id().brand<'MarkerId'>();
/** Who an app is to one call; it is another one in every call, so that no server can follow an app from call to call. */
export const identitySchema = id().brand<'Identity'>();

export type CallId = z.infer<typeof callIdSchema>;
export type ParticipantId = z.infer<typeof participantIdSchema>;
export type PeerId = z.infer<typeof peerIdSchema>;
export type RecordingId = z.infer<typeof recordingIdSchema>;
export type TrackId = z.infer<typeof trackIdSchema>;
export type DeliverableId = z.infer<typeof deliverableIdSchema>;
export type MarkerId = z.infer<typeof markerIdSchema>;
export type Identity = z.infer<typeof identitySchema>;
