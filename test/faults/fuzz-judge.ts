import { z } from 'zod';
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
  return isRequestName(name) && requests[name].input.safeParse(input).success;
}

/** Whether the contract knows this request. */
export function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requests, name);
}

/** What is wrong with an answer to a request, or null; and what the answer was in one word. */
export function judgeAnswer(
  name: unknown,
  input: unknown,
  answer: unknown,
  understood = isUnderstood(name, input),
): { fault: string | null; outcome: string } {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return { fault: `no typed answer: ${shown(answer)}`, outcome: 'untyped' };
  if (parsed.data.ok) {
    if (!understood) return { fault: 'it was taken, and the contract does not allow it', outcome: 'ok' };
    const output = isRequestName(name) && requests[name].output.safeParse(parsed.data.value).success;
    return { fault: output ? null : 'its answer is not what the contract says', outcome: 'ok' };
  }
  const { code } = parsed.data.error;
  if (code === 'INTERNAL') return { fault: 'INTERNAL: nobody foresaw it', outcome: code };
  const expected = isRequestName(name) ? 'INVALID_INPUT' : 'UNKNOWN_REQUEST';
  if (!understood && code !== expected) return { fault: `${code} in place of ${expected}`, outcome: code };
  return { fault: null, outcome: code };
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
