import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { controlRoutes, type ControlAccess, type ControlRouteName } from '../../contract/control-routes.ts';
import {
  controlCallSchema,
  controlErrorSchema,
  controlRecordingSchema,
  EVENTS_PATH,
  issuedTokenSchema,
  runningRecordingSchema,
} from '../../contract/control.ts';
import { recordingCloudSchema } from '../../contract/cloud.ts';
import { recordingEventSchema, recordingHealthSchema, recordingSchema, trackSchema } from '../../contract/recording.ts';

type Json = { [name: string]: unknown };

/** https://spec.openapis.org/oas/v3.1.1.html */
const OPENAPI_VERSION = '3.1.1';
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

const refOf = (id: string): string => `#/components/schemas/${id}`;

/** What answers are made of, under names of their own. */
const NAMED = {
  Call: controlCallSchema,
  Recording: controlRecordingSchema,
  RunningRecording: runningRecordingSchema,
  IssuedToken: issuedTokenSchema,
  Error: controlErrorSchema,
  RecordingEvent: recordingEventSchema,
  /** As the app itself and its events have it; `Recording` is the one of this API's answers. */
  EventRecording: recordingSchema,
  RecordingCloud: recordingCloudSchema,
  RecordingHealth: recordingHealthSchema,
  Track: trackSchema,
} as const;

const ACCESS_WORDS: Record<ControlAccess, string> = {
  owner: "The owner's token only.",
  host: "The owner's token, or a host's token of this call.",
  member: "The owner's token, or any token of this call.",
  anyToken: 'Any token.',
  anyone: 'No token is needed.',
};

const ERRORS: Record<string, string> = {
  400: 'The request is not in the expected form.',
  401: 'There is no valid token.',
  403: 'This token, this user id, this host name or this origin may not.',
  404: 'There is no such thing.',
  409: 'Not in the state that things are in now.',
  413: 'The body is too large.',
  429: 'Too many wrong tokens, or too much at once; Retry-After says when to come back.',
  500: 'Something went wrong inside the app.',
};

const USER_ID_HEADER: Json = {
  name: 'X-User-Id',
  in: 'header',
  required: false,
  description: 'The acting user; must be the identity of the token.',
  schema: { type: 'string' },
};

const KEY_HEADER: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key gives the same answer for ten minutes, without doing it again.',
  schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[!-~]+$' },
};

const LAST_EVENT_HEADER: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was received; what came after it follows, or an event "gap" first.',
  schema: { type: 'string' },
};

/** Describes the whole API by OpenAPI, made from the contract: what is parsed and what is described cannot differ. */
export function describeApi(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const name of Object.keys(controlRoutes) as ControlRouteName[]) {
    const { method, path } = controlRoutes[name];
    const template = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(name) };
  }
  paths[EVENTS_PATH] = { get: eventsOperation() };
  return {
    openapi: OPENAPI_VERSION,
    jsonSchemaDialect: DIALECT,
    info: {
      title: 'Tallylight control API',
      version,
      description: 'Calls and recordings of this installation, for programs on the same computer.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of control.json, or one that was issued for a call.',
        },
      },
      schemas: schemas(),
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [
          `Error${status}`,
          {
            description,
            ...(status === '429' ? { headers: { 'Retry-After': { schema: { type: 'integer', minimum: 1 } } } } : {}),
            content: { 'application/json': { schema: { $ref: refOf('Error') } } },
          },
        ]),
      ),
    },
  };
}

function operation(name: ControlRouteName): Json {
  const route = controlRoutes[name];
  const free = route.access === 'anyone';
  const parameters = [
    ...parametersOf('path', route.params),
    ...parametersOf('query', route.query),
    ...('idempotent' in route ? [KEY_HEADER] : []),
    ...(free ? [] : [USER_ID_HEADER]),
  ];
  return {
    operationId: name,
    summary: route.summary,
    description: ACCESS_WORDS[route.access],
    ...(free ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === null ? {} : { requestBody: requestBody(name, route.body) }),
    responses: {
      [String(route.status)]: {
        description: route.summary,
        ...('idempotent' in route
          ? {
              headers: {
                'Idempotency-Replayed': {
                  description: 'There when the answer is that of an earlier request with this key.',
                  schema: { const: 'true' },
                },
              },
            }
          : {}),
        content: { 'application/json': { schema: answerSchema(name) } },
      },
      ...errorResponses(free),
    },
  };
}

function requestBody(name: ControlRouteName, body: z.ZodObject): Json {
  // Without a body every field has its default, where all of them have one.
  const required = !parseUntrusted(body, {}).success;
  return { required, content: { 'application/json': { schema: { $ref: refOf(bodyId(name)) } } } };
}

function answerSchema(name: ControlRouteName): Json {
  if (name === 'openapi') return { type: 'object' };
  return {
    type: 'object',
    properties: {
      success: { const: true },
      data: { $ref: refOf(dataId(name)) },
      message: { type: 'string' },
    },
    required: ['success', 'data', 'message'],
  };
}

function eventsOperation(): Json {
  return {
    operationId: 'events',
    summary: 'Every recording event as it happens.',
    description:
      `${ACCESS_WORDS.owner} Server-sent events: "event" is the type, "data" a RecordingEvent as JSON, "id" what to come back ` +
      'with. An event "gap" says that events before the next one are missing.',
    parameters: [LAST_EVENT_HEADER, USER_ID_HEADER],
    responses: {
      200: {
        description: 'The stream.',
        content: {
          'text/event-stream': {
            schema: {
              type: 'string',
              contentMediaType: 'application/json',
              contentSchema: { $ref: refOf('RecordingEvent') },
            },
          },
        },
      },
      ...errorResponses(false),
    },
  };
}

function errorResponses(free: boolean): Json {
  const statuses = Object.keys(ERRORS).filter((status) => !free || !['401', '404', '409', '429'].includes(status));
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Error${status}` }]));
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

const capital = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
const bodyId = (name: ControlRouteName): string => `${capital(name)}Body`;
const dataId = (name: ControlRouteName): string =>
  Object.entries(NAMED).find(([, schema]) => schema === controlRoutes[name].data)?.[0] ?? `${capital(name)}Data`;

/** Bodies as they are sent, answers as they are given. */
function schemas(): Json {
  const sent = new Map<string, z.ZodType>();
  const given = new Map<string, z.ZodType>(Object.entries(NAMED));
  for (const name of Object.keys(controlRoutes) as ControlRouteName[]) {
    const { body, data } = controlRoutes[name];
    if (body !== null) sent.set(bodyId(name), body);
    if (name !== 'openapi') given.set(dataId(name), data);
  }
  return { ...jsonSchemas(sent, 'input'), ...jsonSchemas(given, 'output') };
}

function jsonSchemas(named: ReadonlyMap<string, z.ZodType>, io: 'input' | 'output'): Json {
  // A schema has one id: routes that answer with nothing share the object of the contract, and so does its description.
  const ids = new Map<z.ZodType, string>();
  for (const [id, schema] of named) if (!ids.has(schema)) ids.set(schema, id);
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of ids) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: refOf }).schemas;
  return Object.fromEntries(
    [...named].map(([id, schema]) => {
      // An id of its own would be the base of the references inside (JSON Schema 2020-12, 8.2.1).
      const { $id: _id, $schema: _dialect, ...rest } = made[ids.get(schema) ?? id] ?? {};
      return [id, rest];
    }),
  );
}
