import { describe, expect, it } from 'vitest';
import { decideRun, restartPause } from '../../renderer/capture/run-decision.ts';

const sources = { audioId: 'a', videoId: 'v', deviceKey: 'microphone camera' };

describe("a person's run of recorders", () => {
  it('starts when there is something to record and ends when there is nothing more', () => {
    expect(decideRun(null, null)).toEqual({ kind: 'keep' });
    expect(decideRun(null, sources)).toEqual({ kind: 'start' });
    expect(decideRun(sources, null)).toEqual({ kind: 'end' });
  });

  it('goes on while the same tracks come from the same devices', () => {
    expect(decideRun(sources, { ...sources })).toEqual({ kind: 'keep' });
  });

  it('is followed by another when a device or a track changed, and says which', () => {
    expect(decideRun(sources, { ...sources, audioId: 'b', deviceKey: 'other camera' })).toEqual({
      kind: 'restart',
      deviceChanged: true,
    });
    expect(decideRun(sources, { ...sources, videoId: 'w' })).toEqual({ kind: 'restart', deviceChanged: false });
  });
});

describe('the pause before a broken run is followed by another', () => {
  it('is nothing the first time, grows while runs break at once, and is forgotten after a good run', () => {
    const pauses: number[] = [];
    let row = 0;
    for (let round = 0; round < 8; round += 1) {
      const decided = restartPause(row, 20);
      pauses.push(decided.pauseMs);
      row = decided.brokenRunsInARow;
    }
    expect(pauses).toEqual([0, 250, 500, 1000, 2000, 4000, 5000, 5000]);
    expect(restartPause(row, 10_000)).toEqual({ pauseMs: 0, brokenRunsInARow: 1 });
  });
});
