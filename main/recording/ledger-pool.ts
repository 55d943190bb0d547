import type { RecordingId } from '../../contract/ids.ts';
import type { Ledger } from './recording-ledger.ts';

/** Open journals by recording: everybody who works on a recording shares one, the last one closes it. */
export type LedgerPool = {
  borrow: (recordingId: RecordingId) => Promise<Ledger>;
  /** Takes over a ledger that was made elsewhere; its maker is the first user. */
  adopt: (recordingId: RecordingId, ledger: Ledger) => void;
  giveBack: (recordingId: RecordingId) => Promise<void>;
  isBorrowed: (recordingId: RecordingId) => boolean;
};

/** Makes a pool over a way to open journals. */
export function createLedgerPool(open: (recordingId: RecordingId) => Promise<Ledger>): LedgerPool {
  const entries = new Map<RecordingId, { ledger: Promise<Ledger>; users: number }>();
  /** A journal must be closed before it is opened again: two handles would write over each other. */
  const closing = new Map<RecordingId, Promise<void>>();

  return {
    borrow: async (recordingId) => {
      const known = entries.get(recordingId);
      if (known !== undefined) {
        known.users += 1;
        return known.ledger;
      }
      const ledger = (closing.get(recordingId) ?? Promise.resolve()).then(() => open(recordingId));
      const entry = { ledger, users: 1 };
      entries.set(recordingId, entry);
      try {
        return await ledger;
      } catch (error) {
        if (entries.get(recordingId) === entry) entries.delete(recordingId);
        throw error;
      }
    },
    adopt: (recordingId, ledger) => {
      entries.set(recordingId, { ledger: Promise.resolve(ledger), users: 1 });
    },
    giveBack: async (recordingId) => {
      const entry = entries.get(recordingId);
      if (entry === undefined) return;
      entry.users -= 1;
      if (entry.users > 0) return;
      entries.delete(recordingId);
      const closed = entry.ledger.then((ledger) => ledger.close()).catch(() => undefined);
      closing.set(recordingId, closed);
      await closed;
      if (closing.get(recordingId) === closed) closing.delete(recordingId);
    },
    isBorrowed: (recordingId) => entries.has(recordingId),
  };
}
