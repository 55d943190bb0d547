import { fuzzAppWithoutWindow } from './fuzz-ipc-app.ts';
import { fuzzRealWindow } from './fuzz-ipc-window.ts';
import type { Scenario } from './scenario.ts';

/** So many requests go through a router without a window for one that comes from a real window, where each takes longer. */
const ROUTER_FOR_ONE_OF_A_WINDOW = 58;
const LEAST_OF_A_WINDOW = 240;

/** Requests that are nearly right, and garbage, over IPC: only typed answers, and call and recording go on. */
export const fuzzIpc: Scenario = async ({ seed, count, say }) => {
  const app = await fuzzAppWithoutWindow(seed, count, say);
  const ofWindow = Math.max(LEAST_OF_A_WINDOW, Math.round(count / ROUTER_FOR_ONE_OF_A_WINDOW));
  const window = await fuzzRealWindow(seed, ofWindow, say);
  const failures = [...app.failures, ...window.failures];
  return {
    name: 'fuzz-ipc',
    ok: failures.length === 0,
    count,
    failures,
    figures: {
      requests: app.requests,
      fromWindow: window.requests,
      acknowledgedFramesOfWindow: window.acknowledgedFrames,
      heapGrowthMb: Math.round(app.heapGrowthMb * 10) / 10,
      answerMsMax: Math.round(app.answerMsMax),
      ...Object.fromEntries(Object.entries(app.outcomes).toSorted(([, a], [, b]) => b - a)),
    },
  };
};
