import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { controlRoutes, type ControlRouteName } from '../../contract/control-routes.ts';
import { AppError } from '../../contract/errors.ts';
import type { Actor } from '../calls/actor.ts';
import { errorAnswer, isFault, plainAnswer, successAnswer, type Answer } from './answer.ts';
import { identityOf } from './authenticate.ts';
import { announcesBody } from './body-rule.ts';
import type { ControlHandlers } from './control-handler.ts';
import type { ControlLimits } from './control-limits.ts';
import { single, type HeadFields } from './head-fields.ts';
import { createIdempotentAnswers } from './idempotent-answers.ts';
import { describeApi } from './openapi.ts';
import { parseInput, queryOf } from './parse-input.ts';
import { parseJson, readBody } from './read-body.ts';

/** A request for a route, before anything of it was parsed. */
export type Asked = {
  message: IncomingMessage;
  fields: HeadFields;
  /** The parts of the path, decoded. */
  params: unknown;
  /** Says who asks, by the token. */
  actor: () => Actor;
};

export type RouteAnswersConfig = { version: string; checkOutputs: boolean; limits: ControlLimits };

export type RouteAnswersPorts = {
  handlers: ControlHandlers;
  monotonicMs: () => number;
  onFault: (fault: { name: string; error: unknown }) => void;
};

/** Answers every route of the contract; an error is an answer too. */
export type RouteAnswers = (name: ControlRouteName, asked: Asked) => Promise<Answer>;

type Handler = (request: {
  actor: Actor;
  params: unknown;
  query: unknown;
  body: unknown;
}) => Promise<{ data: unknown; message: string }>;

/** Makes the answers: who asks, then what, then the handler. Whether they may is decided behind it. */
export function createRouteAnswers(config: RouteAnswersConfig, ports: RouteAnswersPorts): RouteAnswers {
  const { limits } = config;
  const idempotent = createIdempotentAnswers(limits, ports.monotonicMs);
  /** Made when it is first asked for: it takes longer than everything else here. */
  let description: unknown = null;

  const told = (name: string, error: unknown): Answer => {
    if (isFault(error)) ports.onFault({ name, error });
    return errorAnswer(error);
  };

  const checked = (name: ControlRouteName, data: unknown): unknown => {
    if (config.checkOutputs && !isWhatItSays(controlRoutes[name].data, data)) {
      throw new Error(`The answer to ${name} is not what the contract says.`);
    }
    return data;
  };

  const inputOf = async (name: ControlRouteName, asked: Asked): Promise<Omit<Parameters<Handler>[0], 'actor'>> => {
    const { params, query, body } = controlRoutes[name];
    const input = {
      params: parseInput('path', params, asked.params),
      query: parseInput('query', query, queryOf(asked.message.url ?? '')),
    };
    if (body !== null) {
      const bytes = announcesBody(asked.fields) ? await readBody(asked.message, limits.maxBodyBytes) : Buffer.alloc(0);
      return { ...input, body: parseInput('body', body, parseJson(bytes)) };
    }
    refuseBody(asked.fields);
    return { ...input, body: null };
  };

  const answerBy = async (name: keyof ControlHandlers, asked: Asked): Promise<Answer> => {
    const route = controlRoutes[name];
    asked.actor();
    const input = await inputOf(name, asked);
    // Once more: a body may take seconds, and a token that was taken away meanwhile is none.
    const actor = asked.actor();
    // The table ties name, schemas and handler together; the compiler cannot follow that tie through an index.
    const handler = ports.handlers[name] as Handler;
    const run = async (): Promise<Answer> => {
      try {
        const { data, message } = await handler({ actor, ...input });
        return successAnswer(route.status, checked(name, data), message);
      } catch (error) {
        return told(name, error);
      }
    };
    const key = 'idempotent' in route ? single(asked.fields, 'idempotency-key') : null;
    if (key === null) return run();
    return idempotent({ key, identity: identityOf(actor), route: name, input }, run);
  };

  return async (name, asked) => {
    try {
      if (name !== 'health' && name !== 'openapi') return await answerBy(name, asked);
      if (name === 'openapi') asked.actor();
      await inputOf(name, asked);
      if (name === 'openapi') return plainAnswer((description ??= describeApi(config.version)));
      const data = checked(name, { status: 'ok', version: config.version });
      return successAnswer(controlRoutes.health.status, data, 'The app runs.');
    } catch (error) {
      return told(name, error);
    }
  };
}

/** Whether an answer fits its schema and has nothing besides: what the contract does not name may be a secret. */
function isWhatItSays(schema: z.ZodType, data: unknown): boolean {
  const sent: unknown = JSON.parse(JSON.stringify(data));
  const parsed = parseUntrusted(schema, sent);
  return parsed.success && isDeepStrictEqual(JSON.parse(JSON.stringify(parsed.data)), sent);
}

/** Refuses a body where none is wanted. */
export function refuseBody(fields: HeadFields): void {
  if (!announcesBody(fields)) return;
  throw new AppError('INVALID_INPUT', 'This request has no body.', { details: { field: 'body' } });
}
