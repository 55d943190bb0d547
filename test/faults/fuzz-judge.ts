import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { errorShapeSchema } from '../../contract/errors.ts';
import { requests, type RequestName } from '../../contract/requests.ts';

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }).strict(),
  z.object({ ok: z.literal(false), error: errorShapeSchema.strict() }).strict(),
]);

/** Every request of the contract. */
export const REQUEST_NAMES = Object.keys(requests) as RequestName[];

/** Whether a request would be taken for what it says. */
export function isUnderstood(name: unknown, input: unknown): boolean {
  return isRequestName(name) && parseUntrusted(requests[name].input, input).success;
}

/** Whether the contract knows this request. */
export function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requests, name);
}

/** What is wrong with an answer whatever it was given to, or null: it has no type, or tells of what nobody foresaw. */
export function judgeTyped(answer: unknown): string | null {
  const parsed = parseUntrusted(answerSchema, answer);
  if (!parsed.success) return `no typed answer: ${shown(answer)}`;
  return !parsed.data.ok && parsed.data.error.code === 'INTERNAL' ? 'INTERNAL: nobody foresaw it' : null;
}

/** What is wrong with an answer to a request, or null; and what the answer was in one word. */
export function judgeAnswer(name: unknown, input: unknown, answer: unknown): { fault: string | null; outcome: string } {
  const parsed = parseUntrusted(answerSchema, answer);
  const untyped = judgeTyped(answer);
  if (!parsed.success) return { fault: untyped, outcome: 'untyped' };
  const outcome = parsed.data.ok ? 'ok' : parsed.data.error.code;
  if (untyped !== null) return { fault: untyped, outcome };
  const understood = isUnderstood(name, input);
  if (parsed.data.ok) {
    if (!understood) return { fault: 'it was taken, and the contract does not allow it', outcome };
    const output = isRequestName(name) && parseUntrusted(requests[name].output, parsed.data.value).success;
    return { fault: output ? null : 'its answer is not what the contract says', outcome };
  }
  const expected = isRequestName(name) ? 'INVALID_INPUT' : 'UNKNOWN_REQUEST';
  return { fault: understood || outcome === expected ? null : `${outcome} in place of ${expected}`, outcome };
}

/** A value for a person to read, however large or cyclic it is. */
export function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value, (_key, each: unknown) => {
      if (typeof each === 'bigint') return `${each}n`;
      if (typeof each === 'string' && each.length > 120) return `${each.slice(0, 60)}… (${each.length})`;
      if (ArrayBuffer.isView(each)) return `${each.constructor.name}(${each.byteLength})`;
      return each;
    });
    return (text ?? String(value)).slice(0, 400);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
