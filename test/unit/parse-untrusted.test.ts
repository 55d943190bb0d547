import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';

/** Plain JSON of which zod itself throws where a text or a list of some length is wanted. */
const hostile: unknown = JSON.parse('{"length":{"toString":1,"valueOf":1}}');

test('what fits comes out as the schema makes it, what does not fit says where', () => {
  const schema = z.object({ name: z.string().trim().min(1) });
  expect(parseUntrusted(schema, { name: ' Ada ' })).toMatchObject({ success: true, data: { name: 'Ada' } });
  const refused = parseUntrusted(schema, { name: '' });
  expect(refused.success).toBe(false);
  expect(refused.error?.issues[0]?.path).toEqual(['name']);
});

test.each([
  ['a text with a least length', z.string().min(1)],
  ['a text with a largest length', z.string().max(5)],
  ['a trimmed text', z.string().trim().min(1)],
  ['a list', z.array(z.string()).min(1)],
])('a length that converts to nothing does not fit %s, and nothing is thrown', (_, schema) => {
  expect(parseUntrusted(z.object({ a: schema }), { a: hostile }).success).toBe(false);
});

test('a value nested too deep for the stack does not fit', () => {
  const tree: z.ZodType = z.lazy(() => z.array(tree));
  let deep: unknown[] = [];
  for (let level = 0; level < 200_000; level += 1) deep = [deep];
  expect(parseUntrusted(tree, deep).success).toBe(false);
});

test('a fault of ours in a schema is not taken for bad input', () => {
  const faulty = z.string().transform(() => {
    throw new Error('a fault of ours');
  });
  expect(() => parseUntrusted(faulty, 'a')).toThrow('a fault of ours');
});
