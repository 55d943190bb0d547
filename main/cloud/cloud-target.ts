/** What is sent: one immutable file under one key. */
export type ObjectSpec = {
  key: string;
  sizeBytes: number;
  contentType: string;
  /** Size of every part but the last one. */
  partBytes: number;
};

/** A part that the server has. `etag` is the server's name for its content where it gives one, else empty. */
export type SentPart = { number: number; sizeBytes: number; etag: string };

/** One part on its way; numbers begin with 1. */
export type Part = {
  number: number;
  offsetBytes: number;
  /** Only the rest of the part where the server had kept its beginning: then `offsetBytes` is where that goes on. */
  bytes: Uint8Array;
  /** Of the whole part. */
  sha256Hex: string;
  isLast: boolean;
};

/** What a server says of an upload that was begun. */
export type UploadState =
  /** Has these parts, whatever their order (S3); sorted by number. */
  | { kind: 'parts'; parts: SentPart[] }
  /** Has all bytes before this offset and nothing behind it (GCS). */
  | { kind: 'offset'; receivedBytes: number }
  /** The object is there whole. */
  | { kind: 'finished' }
  /** The server knows nothing of it (any more). */
  | { kind: 'gone' };

/** What the object must be. */
export type ContentHash = {
  sizeBytes: number;
  partBytes: number;
  /** SHA-256 of each part in order, lower-case hex. */
  partSha256: readonly string[];
  /** MD5 of the whole file, lower-case hex; null where the target does not want it. */
  md5Hex: string | null;
};

export type Verdict =
  /** `checksum`: the server's own, over the whole content; `readBack`: every byte was read and compared. */
  { kind: 'same'; by: 'checksum' | 'readBack' } | { kind: 'different'; why: string } | { kind: 'missing' };

/** Lets so many bytes pass; resolves when they may go. Rejects when the signal is aborted. */
export type Throttle = (bytes: number, signal: AbortSignal) => Promise<void>;

export type CallOptions = {
  signal: AbortSignal;
  /** Told of every piece that was handed to the network. */
  onBytes?: (bytes: number) => void;
  throttle?: Throttle;
};

/** An upload that a server still holds open. */
export type OpenUpload = { key: string; session: string };

/**
 * One bucket. All functions reject with an AppError of the CLOUD_ codes (see cloud-errors.ts) or ABORTED, never with an error of a
 * library: those carry headers and addresses that nobody may log.
 */
export type CloudTarget = {
  /** How many parts may be under way at once. */
  readonly partsInFlight: 1 | 2;
  readonly wantsMd5: boolean;
  /** Whether a session opens the bucket to whoever has it, so that it must be kept as a secret. */
  readonly sessionIsSecret: boolean;
  /** Sizes that parts must be a multiple of, and at least have. */
  readonly partGranularityBytes: number;
  readonly minPartBytes: number;
  readonly maxParts: number;
  /** Host and port that answer for it, to find out whether the network is back. */
  readonly address: { host: string; port: number };

  begin: (object: ObjectSpec, options: CallOptions) => Promise<{ session: string }>;
  inspect: (object: ObjectSpec, session: string, options: CallOptions) => Promise<UploadState>;
  /** CLOUD_UPLOAD_GONE when the server no longer knows the upload. */
  sendPart: (object: ObjectSpec, session: string, part: Part, options: CallOptions) => Promise<SentPart>;
  finish: (object: ObjectSpec, session: string, parts: readonly SentPart[], options: CallOptions) => Promise<void>;
  /** A small file in one request. */
  put: (object: ObjectSpec, bytes: Uint8Array, options: CallOptions) => Promise<void>;
  verify: (object: ObjectSpec, hash: ContentHash, options: CallOptions) => Promise<Verdict>;
  /** An upload that is not known any more is no error. */
  abort: (key: string, session: string, options: CallOptions) => Promise<void>;
  /** Uploads that were begun below a prefix and not finished; empty where the server does not tell. */
  openUploads: (prefix: string, options: CallOptions) => Promise<OpenUpload[]>;
  /** Size of the object; null when there is none. */
  sizeBytes: (key: string, options: CallOptions) => Promise<number | null>;
  /** All of a small object. */
  read: (key: string, maxBytes: number, options: CallOptions) => Promise<Uint8Array>;
  /** An object that is not there is no error. */
  remove: (key: string, options: CallOptions) => Promise<void>;
  /** A link for everybody who has it. */
  link: (key: string, validSeconds: number) => Promise<string>;
  close: () => void;
};
