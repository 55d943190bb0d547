import { MAX_CONTROL_BODY_BYTES } from '../../contract/control.ts';

/** Every bound of the control API's door; tests shorten the times. */
export type ControlLimits = {
  /** Connections at once; one more takes the place of one that has shown no token, the oldest first. */
  maxConnections: number;
  /** Until a connection has sent the head of a request. */
  headMs: number;
  /** Until it has sent all of the request. */
  requestMs: number;
  /** How often the two above are looked at: both are late by this at most. */
  lookEveryMs: number;
  /** How long a connection may stay without a request between two of them. */
  keepAliveMs: number;
  /** Requests after which a connection is closed. */
  requestsPerConnection: number;
  /** Request line and headers together. */
  maxHeadBytes: number;
  maxBodyBytes: number;
  /** What is read and thrown away of a body that was refused, so that its sender hears why before the connection ends. */
  maxRefusedBytes: number;
  /** Until the reader has taken an answer. */
  answerMs: number;
  /** How long open requests may go on when the API is turned off. */
  closeMs: number;

  /** Wrong tokens in `failedTokensMs` after which further ones are not looked at. */
  maxFailedTokens: number;
  failedTokensMs: number;
  maxIssuedTokens: number;

  maxIdempotencyKeys: number;
  idempotencyMs: number;

  maxStreams: number;
  /** Events kept for readers that come back. */
  maxEvents: number;
  maxEventBytes: number;
  heartbeatMs: number;
  /** Bytes that may wait for a reader of the stream before it is cut off. */
  maxWaitingBytes: number;
};

export const CONTROL_LIMITS: ControlLimits = {
  // Each is a file handle of the process that records: far below the 1024 that systems commonly allow.
  maxConnections: 256,
  headMs: 5_000,
  requestMs: 10_000,
  lookEveryMs: 500,
  keepAliveMs: 5_000,
  requestsPerConnection: 1_000,
  maxHeadBytes: 8 * 1024,
  maxBodyBytes: MAX_CONTROL_BODY_BYTES,
  maxRefusedBytes: 1024 * 1024,
  answerMs: 10_000,
  closeMs: 500,

  maxFailedTokens: 20,
  failedTokensMs: 60_000,
  maxIssuedTokens: 200,

  maxIdempotencyKeys: 500,
  idempotencyMs: 10 * 60_000,

  maxStreams: 16,
  maxEvents: 1_000,
  maxEventBytes: 16 * 1024 * 1024,
  heartbeatMs: 15_000,
  maxWaitingBytes: 1024 * 1024,
};
