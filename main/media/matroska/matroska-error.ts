/** What can be wrong with Matroska bytes, or with what is asked of the writer. */
export type MatroskaErrorCode =
  | 'not-matroska'
  | 'bad-element'
  | 'unexpected-element'
  | 'element-too-large'
  | 'bad-header'
  | 'too-many-tracks'
  | 'unsupported-track'
  | 'block-before-tracks'
  | 'cluster-without-time'
  | 'unknown-track'
  | 'bad-block'
  | 'lacing-unsupported'
  | 'time-out-of-range'
  | 'no-room'
  | 'head-damaged'
  | 'wrong-state';

/** The only error this room throws or reports; `offsetBytes` is where in the lane or file it was seen, -1 when it has no place. */
export class MatroskaError extends Error {
  readonly code: MatroskaErrorCode;
  readonly offsetBytes: number;
  readonly reason: string;

  constructor(code: MatroskaErrorCode, reason: string, offsetBytes = -1) {
    super(offsetBytes < 0 ? reason : `${reason} (at byte ${offsetBytes})`);
    this.name = 'MatroskaError';
    this.reason = reason;
    this.code = code;
    this.offsetBytes = offsetBytes;
  }
}
