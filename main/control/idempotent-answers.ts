import { AppError, assertNever } from '../../contract/errors.ts';
import type { Answer } from './answer.ts';
import type { ControlLimits } from './control-limits.ts';
import { decide, NO_KEYS, settle } from './idempotency-book.ts';
import { hashOf } from './secret-hash.ts';

/** Visible ASCII (RFC 5234: VCHAR). */
const KEY = /^[!-~]{1,200}$/;

/** Gives a request with a key the answer that its first sending got. */
export type IdempotentAnswers = (
  request: { key: string; identity: string; route: string; input: unknown },
  run: () => Promise<Answer>,
) => Promise<Answer>;

/** Makes the memory of answers; `run` never rejects: an error is an answer too. */
export function createIdempotentAnswers(
  limits: Pick<ControlLimits, 'maxIdempotencyKeys' | 'idempotencyMs'>,
  monotonicMs: () => number,
): IdempotentAnswers {
  let book = NO_KEYS;
  const underWay = new Map<string, Promise<Answer>>();

  return async ({ key, identity, route, input }, run) => {
    if (!KEY.test(key)) {
      throw new AppError('INVALID_INPUT', 'An Idempotency-Key has 1 to 200 visible ASCII characters.', {
        details: { field: 'idempotency-key' },
      });
    }
    const place = JSON.stringify([identity, route, key]);
    const fingerprint = hashOf(JSON.stringify(input)).toString('hex');
    const decision = decide(book, { place, fingerprint, nowMs: monotonicMs() }, limits);
    switch (decision.kind) {
      case 'run': {
        book = decision.book;
        const answering = run();
        underWay.set(place, answering);
        const answer = await answering;
        underWay.delete(place);
        book = settle(book, place, answer, monotonicMs());
        return answer;
      }
      case 'wait': {
        const answering = underWay.get(place);
        if (answering === undefined) throw new Error('A request that is at work has no answer to wait for.');
        return replayed(await answering);
      }
      case 'replay':
        return replayed(decision.answer);
      case 'conflict':
        throw new AppError('CONFLICT', 'This Idempotency-Key was used for another request.');
      case 'full':
        throw new AppError('RATE_LIMITED', 'Too many requests with an Idempotency-Key are under way.', {
          retryable: true,
          details: { retryAfterSeconds: 1 },
        });
      default:
        return assertNever(decision);
    }
  };
}

function replayed(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}
