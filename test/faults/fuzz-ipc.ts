import { fuzzAppWithoutWindow } from './fuzz-ipc-app.ts';
import type { Scenario } from './scenario.ts';

/** Requests that are nearly right, and garbage, over IPC: only typed answers, and the recording knows nothing of it. */
export const fuzzIpc: Scenario = async ({ seed, count, say }) => {
  const app = await fuzzAppWithoutWindow(seed, count, say);
  return {
    name: 'fuzz-ipc',
    ok: app.failures.length === 0,
    count,
    failures: app.failures,
    figures: {
      requests: app.requests,
      heapGrowthMb: Math.round(app.heapGrowthMb * 10) / 10,
      answerMsMax: Math.round(app.answerMsMax),
      ...Object.fromEntries(Object.entries(app.outcomes).toSorted(([, a], [, b]) => b - a)),
    },
  };
};
