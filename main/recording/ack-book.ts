import type { AppError } from '../../contract/errors.ts';
import type { Lane } from '../../contract/recording.ts';

/** A chunk that waits for its ack. */
export type Ack = { seq: number; sizeBytes: number; resolve: () => void; reject: (error: AppError) => void };

/** Which chunks of a segment were taken, and which of them are acknowledged. */
export type AckBook = {
  /** The sequence number that comes next in a lane. */
  nextSeq: (lane: Lane) => number;
  /** The answer to a chunk that was taken before; null for one that was not, or that could not be written. */
  answerOf: (lane: Lane, seq: number) => Promise<{ seq: number }> | null;
  /** Takes the next chunk of a lane. */
  take: (lane: Lane, sizeBytes: number) => { ack: Ack; answer: Promise<{ seq: number }> };
  /** The last chunk of a lane up to which all are acknowledged; -1 when none is. */
  lastAckedSeq: (lane: Lane) => number;
  /** Bytes that were taken and are neither acknowledged nor refused. */
  waitingBytes: () => number;
  rejectAll: (error: AppError) => void;
};

type LanePage = {
  nextSeq: number;
  open: Map<number, Promise<{ seq: number }>>;
  /** From here on nothing is known to be on its way to the disk. */
  firstRejectedSeq: number;
};

/** Opens the book of one segment. */
export function createAckBook(): AckBook {
  const pages = new Map<Lane, LanePage>();
  const open = new Set<Ack>();
  let waitingBytes = 0;

  const pageOf = (lane: Lane): LanePage => {
    const known = pages.get(lane);
    if (known !== undefined) return known;
    const page = { nextSeq: 0, open: new Map(), firstRejectedSeq: Number.POSITIVE_INFINITY };
    pages.set(lane, page);
    return page;
  };

  // A chunk without a frame is acknowledged before the one ahead of it, so what counts is what is below all open ones.
  const lastAckedSeq = (lane: Lane): number => {
    const page = pageOf(lane);
    return Math.min(page.nextSeq, page.firstRejectedSeq, ...page.open.keys()) - 1;
  };

  return {
    nextSeq: (lane) => pageOf(lane).nextSeq,
    answerOf: (lane, seq) =>
      pageOf(lane).open.get(seq) ?? (seq <= lastAckedSeq(lane) ? Promise.resolve({ seq }) : null),
    take: (lane, sizeBytes) => {
      const page = pageOf(lane);
      const seq = page.nextSeq;
      const { promise: answer, resolve, reject } = Promise.withResolvers<{ seq: number }>();
      const settle = (done: () => void): void => {
        if (!open.delete(ack)) return;
        waitingBytes -= sizeBytes;
        page.open.delete(seq);
        done();
      };
      const ack: Ack = {
        seq,
        sizeBytes,
        resolve: () => settle(() => resolve({ seq })),
        reject: (error) =>
          settle(() => {
            page.firstRejectedSeq = Math.min(page.firstRejectedSeq, seq);
            reject(error);
          }),
      };
      page.nextSeq = seq + 1;
      page.open.set(seq, answer);
      open.add(ack);
      waitingBytes += sizeBytes;
      return { ack, answer };
    },
    lastAckedSeq,
    waitingBytes: () => waitingBytes,
    rejectAll: (error) => {
      for (const ack of open) ack.reject(error);
    },
  };
}
