import { describe, expect, it } from 'vitest';
import { errorCodeSchema } from '../../contract/errors.ts';
import { CONTROL_LIMITS } from '../../main/control/control-limits.ts';
import { ERROR_STATUS } from '../../main/control/error-status.ts';
import { connectionToEnd } from '../../main/control/eviction.ts';
import { lockedSeconds, NO_FAILED_TOKENS, withFailure, type FailedTokens } from '../../main/control/failed-tokens.ts';
import { headFields } from '../../main/control/head-fields.ts';
import { hostRefusal } from '../../main/control/host-rule.ts';
import { queryOf } from '../../main/control/parse-input.ts';

describe('the connection that makes room', () => {
  const open = (name: string, quietSinceMs: number, proven = false, working = 0) => ({
    name,
    quietSinceMs,
    proven,
    working,
  });

  it('is the longest quiet one of those without a token', () => {
    const all = [open('token', 1, true), open('new', 30), open('old', 20)];
    expect(connectionToEnd(all)?.name).toBe('old');
  });

  it('is one with a token only when there is no other', () => {
    const all = [open('token', 5, true), open('older token', 2, true), open('working', 1, true, 1)];
    expect(connectionToEnd(all)?.name).toBe('older token');
  });

  it('is none that is at work', () => {
    expect(connectionToEnd([open('a', 1, true, 1), open('b', 2, true, 2)])).toBeNull();
    expect(connectionToEnd([])).toBeNull();
  });
});

describe('wrong tokens', () => {
  const limits = { maxFailedTokens: 20, failedTokensMs: 60_000 };
  const failures = (count: number, everyMs: number): FailedTokens => {
    let failed = NO_FAILED_TOKENS;
    for (let n = 0; n < count; n += 1) failed = withFailure(failed, n * everyMs, limits);
    return failed;
  };

  it('lock after the 20th and not before', () => {
    expect(lockedSeconds(failures(19, 0), 0, limits)).toBeNull();
    expect(lockedSeconds(failures(20, 0), 0, limits)).toBe(60);
  });

  it('lock until the oldest of the 20 is a minute old', () => {
    const failed = failures(20, 1000);
    expect(lockedSeconds(failed, 19_000, limits)).toBe(41);
    expect(lockedSeconds(failed, 59_999, limits)).toBe(1);
    expect(lockedSeconds(failed, 60_000, limits)).toBeNull();
  });

  it('never lock when they come less often than 20 a minute', () => {
    let failed = NO_FAILED_TOKENS;
    for (let n = 0; n < 200; n += 1) {
      failed = withFailure(failed, n * 3_160, limits);
      expect(lockedSeconds(failed, n * 3_160, limits)).toBeNull();
    }
  });

  it('take no more room however many there are', () => {
    expect(failures(10_000, 0)).toHaveLength(20);
  });
});

describe('the head of a request', () => {
  it('keeps every value of a field, whatever its case', () => {
    const fields = headFields(['Host', 'a', 'hOST', 'b', 'X', 'c']);
    expect(fields.get('host')).toEqual(['a', 'b']);
    expect(fields.get('x')).toEqual(['c']);
  });

  it('may leave out port 80 in the Host header, and only that one', () => {
    expect(hostRefusal(headFields(['Host', '127.0.0.1']), 80)).toBeNull();
    expect(hostRefusal(headFields(['Host', 'localhost:80']), 80)).toBeNull();
    expect(hostRefusal(headFields(['Host', '127.0.0.1']), 81)?.code).toBe('FORBIDDEN');
    expect(hostRefusal(headFields(['Host', '']), 80)?.code).toBe('FORBIDDEN');
  });

  it('has a query whose fields are plain data, even those named like parts of objects', () => {
    const query = queryOf('/x?__proto__=a&constructor=b&q=c%20d+e');
    expect(Object.getPrototypeOf(query)).toBe(Object.prototype);
    expect(Object.entries(query)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['q', 'c d e'],
    ]);
  });
});

describe('statuses', () => {
  it('are those of the contract for every error', () => {
    const allowed = [400, 401, 403, 404, 409, 413, 429, 500];
    for (const code of errorCodeSchema.options) expect(allowed).toContain(ERROR_STATUS[code]);
  });
});

describe('the limits', () => {
  it('let nobody hold a connection for 15 s without being done', () => {
    const { headMs, requestMs, lookEveryMs, answerMs } = CONTROL_LIMITS;
    for (const limitMs of [headMs, requestMs, answerMs]) expect(limitMs + lookEveryMs).toBeLessThan(15_000);
    expect(CONTROL_LIMITS.maxBodyBytes).toBe(65_536);
  });
});
