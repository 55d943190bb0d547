import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { controlRoutes, type ControlRouteName } from '../../contract/control-routes.ts';
import { describeApi } from '../../main/control/openapi.ts';

// What a reader of the description relies on, as OpenAPI 3.1 defines it; parsed as anybody else's JSON would be.
const operationSchema = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  parameters: z
    .array(
      z.strictObject({
        name: z.string(),
        in: z.enum(['path', 'query', 'header']),
        required: z.boolean(),
        description: z.string().optional(),
        schema: z.looseObject({}),
      }),
    )
    .default([]),
  requestBody: z.strictObject({ required: z.boolean(), content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), z.looseObject({})),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});
const descriptionSchema = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  jsonSchemaDialect: z.literal('https://json-schema.org/draft/2020-12/schema'),
  info: z.looseObject({ title: z.string(), version: z.literal('9.9.9') }),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().startsWith('/'), z.record(z.enum(['get', 'post', 'delete']), operationSchema.optional())),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.literal('http'), scheme: z.literal('bearer') })),
    schemas: z.record(z.string().regex(/^[\w.-]+$/), z.looseObject({})),
    responses: z.record(z.string(), z.looseObject({ description: z.string() })),
  }),
});

const text = JSON.stringify(describeApi('9.9.9'));
const description = descriptionSchema.parse(JSON.parse(text));
const names = Object.keys(controlRoutes) as ControlRouteName[];

const operationOf = (name: ControlRouteName): z.output<typeof operationSchema> => {
  const { method, path } = controlRoutes[name];
  const template = path.replaceAll(/:(\w+)/g, '{$1}');
  return operationSchema.parse(description.paths[template]?.[method.toLowerCase() as 'get']);
};

/** Follows a reference inside the description (RFC 6901). */
function follow(reference: string): unknown {
  let at: unknown = description;
  for (const part of reference.replace('#/', '').split('/')) {
    at =
      typeof at === 'object' && at !== null
        ? Reflect.get(at, part.replaceAll('~1', '/').replaceAll('~0', '~'))
        : undefined;
  }
  return at;
}

describe('the description of the control API', () => {
  it('names every route once, and the stream of events', () => {
    const ids = Object.values(description.paths)
      .flatMap((path) => Object.values(path))
      .flatMap((operation) => (operation === undefined ? [] : [operation.operationId]));
    expect(ids).toHaveLength(names.length + 1);
    expect(new Set(ids)).toEqual(new Set([...names, 'events']));
  });

  it('has only references that lead somewhere', () => {
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references))
      expect([reference, follow(reference)]).toEqual([reference, expect.any(Object)]);
    expect(text).not.toContain('"$id"');
    expect(text).not.toContain('"$schema"');
  });

  it.each(names)('has for %s the parameters, the body, the answer and the errors of the contract', (name) => {
    const route = controlRoutes[name];
    const operation = operationOf(name);
    const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, part]) => part);
    const parameters = (place: string): string[] =>
      operation.parameters.filter((parameter) => parameter.in === place).map((parameter) => parameter.name);
    expect(parameters('path')).toEqual(inPath);
    expect(operation.parameters.every((parameter) => parameter.in !== 'path' || parameter.required)).toBe(true);
    expect(parameters('query')).toEqual(Object.keys(route.query.shape));
    expect(parameters('header').includes('Idempotency-Key')).toBe('idempotent' in route);
    expect(operation.requestBody !== undefined).toBe(route.body !== null);
    expect(Object.keys(operation.responses)).toContain(String(route.status));
    expect(Object.keys(operation.responses).includes('401')).toBe(route.access !== 'anyone');
    expect(operation.security).toEqual(route.access === 'anyone' ? [] : undefined);
  });

  it('says of a body that it is needed only when it is', () => {
    expect(operationOf('createCall').requestBody?.required).toBe(false);
    expect(operationOf('cleanUp').requestBody?.required).toBe(true);
  });

  it('has schemas that a reader of JSON Schema takes, and that take what the contract takes', () => {
    const { CleanUpBody, IssueTokenBody, Error: ErrorAnswer } = description.components.schemas;
    const read = (schema: unknown): z.ZodType => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    expect(read(CleanUpBody).safeParse({ maxAgeMs: 1 }).success).toBe(true);
    expect(read(CleanUpBody).safeParse({ maxAgeMs: -1 }).success).toBe(false);
    expect(read(CleanUpBody).safeParse({ maxAgeMs: 1, force: true }).success).toBe(false);
    expect(read(IssueTokenBody).safeParse({ userId: 'deck' }).success).toBe(true);
    expect(read(IssueTokenBody).safeParse({ userId: 'a b' }).success).toBe(false);
    const error = { code: 'NOT_FOUND', message: 'No.' };
    expect(read(ErrorAnswer).safeParse({ success: false, error }).success).toBe(true);
    expect(read(ErrorAnswer).safeParse({ success: true, error }).success).toBe(false);
  });
});
