import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { controlRoutes, type ControlRouteName } from '../../contract/control-routes.ts';
import { CONTROL_HOST, EVENTS_PATH } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import { refusal } from '../calls/permissions.ts';
import { errorAnswer, isFault, type Answer } from './answer.ts';
import { createAuthenticate, type AuthenticatePorts } from './authenticate.ts';
import { createEventLog } from './event-log.ts';
import { createEventStreams } from './event-streams.ts';
import { headFields, single } from './head-fields.ts';
import { createHttpServer } from './http-server.ts';
import { parseInput, queryOf } from './parse-input.ts';
import {
  createRouteAnswers,
  refuseBody,
  type Asked,
  type RouteAnswersConfig,
  type RouteAnswersPorts,
} from './route-answers.ts';

export type DoorConfig = RouteAnswersConfig & {
  /** 0 picks a free one. */
  port: number;
  /** Names this run of the API in the ids of events. */
  run: string;
};

export type DoorPorts = RouteAnswersPorts & AuthenticatePorts;

/** The open door. */
export type Door = {
  readonly port: number;
  publish(event: RecordingEvent): void;
  /** Ends the streams, all of which were opened by the owner's token. */
  endStreams(): void;
  /** Ends streams, lets open requests finish for a moment, and frees the port. */
  close(): Promise<void>;
};

const NO_QUERY = z.object({});

/** Opens the HTTP door on the loopback; rejects with the system's error when the port cannot be had. */
export async function openDoor(config: DoorConfig, ports: DoorPorts): Promise<Door> {
  const { limits } = config;
  const authenticate = createAuthenticate(ports, limits);
  const answer = createRouteAnswers(config, ports);
  const streams = createEventStreams(createEventLog(config.run, limits), limits);

  let http: ReturnType<typeof createHttpServer> | undefined;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    // 503 is no status of ours; who is let in while it closes is answered.
    return503OnClosing: false,
    // An id of any length is told the same: that it is no id. Queries are read where they are parsed.
    routerOptions: { maxParamLength: limits.maxHeadBytes, querystringParser: () => ({}) },
    frameworkErrors: (_error, _request, reply) => {
      void send(reply, errorAnswer(new AppError('INVALID_INPUT', 'The address of the request cannot be read.')));
    },
    serverFactory: (handler) => {
      http = createHttpServer(handler, { limits, monotonicMs: ports.monotonicMs });
      return http.server;
    },
  });
  if (http === undefined) throw new Error('The framework made no server.');
  const { server, connections } = http;

  // Bodies are read by us, and only after it is known who sends them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setNotFoundHandler((_request, reply) =>
    send(reply, errorAnswer(new AppError('UNKNOWN_REQUEST', 'There is no such address.'))),
  );
  app.setErrorHandler((error, _request, reply) => {
    ports.onFault({ name: 'control', error });
    return send(reply, errorAnswer(error));
  });

  const askedBy = (request: FastifyRequest, reply: FastifyReply): Asked => {
    const fields = headFields(request.raw.rawHeaders);
    return {
      message: request.raw,
      fields,
      params: request.params,
      actor: () => {
        const actor = authenticate(fields);
        connections.prove(request.raw, reply.raw);
        return actor;
      },
    };
  };

  const names = Object.keys(controlRoutes) as ControlRouteName[];
  for (const name of names) {
    const { method, path } = controlRoutes[name];
    app.route({
      method,
      url: path,
      handler: async (request, reply) => send(reply, await answer(name, askedBy(request, reply))),
    });
  }

  app.get(EVENTS_PATH, async (request, reply) => {
    const asked = askedBy(request, reply);
    try {
      const refused = refusal(asked.actor(), 'seeApp', null);
      if (refused !== null) throw refused;
      parseInput('query', NO_QUERY, queryOf(request.raw.url ?? ''));
      refuseBody(asked.fields);
      streams.open(reply.raw, single(asked.fields, 'last-event-id'));
      return reply.hijack();
    } catch (error) {
      if (isFault(error)) ports.onFault({ name: 'events', error });
      return send(reply, errorAnswer(error));
    }
  });

  await app.listen({ host: CONTROL_HOST, port: config.port });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  server.on('error', (error) => ports.onFault({ name: 'control', error }));

  return {
    port: address.port,
    publish: (event) => streams.publish(event),
    endStreams: () => streams.end(),
    async close() {
      streams.end();
      const timer = setTimeout(() => server.closeAllConnections(), limits.closeMs);
      try {
        await app.close();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}
