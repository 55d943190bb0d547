import type { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { AppError } from '../../contract/errors.ts';
import { MESH_LIMIT_WORDS } from '../../contract/settings.ts';

/** A name that may stand in an answer: whoever asked made it, so only the plainest kind. */
const PLAIN_NAME = /^\w{1,40}$/;

/** Reasons of the contract that are told as they are; others may have the value in them. */
const TOLD: readonly (string | undefined)[] = [MESH_LIMIT_WORDS];

type Place = 'path' | 'query' | 'body';

const strictOnes = new WeakMap<z.ZodObject, z.ZodObject>();

/** The schema that refuses what it does not name; made once, because a schema is compiled when it is first used. */
function strictOf(schema: z.ZodObject): z.ZodObject {
  const known = strictOnes.get(schema) ?? schema.strict();
  strictOnes.set(schema, known);
  return known;
}

/** Parses one part of a request by the contract; a field that the contract does not know is refused. Values never reach the error. */
export function parseInput<S extends z.ZodObject>(place: Place, schema: S, value: unknown): z.output<S> {
  // Every object of the contract, so that a misspelt name is not ignored.
  const parsed = parseUntrusted(strictOf(schema), value);
  if (parsed.success) return parsed.data as z.output<S>;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const field = [place, ...issue.keys.slice(0, 1).filter((key) => PLAIN_NAME.test(key))].join('.');
    throw new AppError('INVALID_INPUT', `There is a field in the ${place} that is not known.`, { details: { field } });
  }
  const field = [place, ...(issue?.path ?? []).map(String)].join('.').slice(0, 200);
  const why = TOLD.includes(issue?.message) ? ` ${issue?.message}` : '';
  throw new AppError('INVALID_INPUT', `“${field}” is not in the expected form.${why}`, { details: { field } });
}

/** The query of a target as an object; a name that stands twice is refused. */
export function queryOf(target: string): Record<string, string> {
  const at = target.indexOf('?');
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(at === -1 ? '' : target.slice(at + 1))) {
    if (fields.has(name)) {
      const field = ['query', ...(PLAIN_NAME.test(name) ? [name] : [])].join('.');
      throw new AppError('INVALID_INPUT', 'A field of the query is there twice.', { details: { field } });
    }
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
