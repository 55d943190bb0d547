import type { z } from 'zod';

/** What came of reading a value: what the schema makes of it, or the first things that are wrong with it. */
export type Parsed<T> =
  | { success: true; data: T; error?: undefined }
  | { success: false; data?: undefined; error: { issues: readonly z.core.$ZodIssue[] } };

/**
 * What a schema says of a value that anybody may have made; never throws because of the value. zod 4.6 looks at `length` of
 * whatever has one, also when its type is wrong already, and comparing that with a number throws a TypeError when it is an object
 * that converts to nothing: `{ "length": { "toString": 1, "valueOf": 1 } }`, which is plain JSON. A value nested too deep is a RangeError.
 */
export function parseUntrusted<S extends z.ZodType>(schema: S, value: unknown): Parsed<z.output<S>> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    return { success: false, error: { issues: [{ code: 'custom', path: [], message: 'It cannot be read.' }] } };
  }
}
