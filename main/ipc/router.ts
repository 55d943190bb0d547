import type { z } from 'zod';
import { AppError, toErrorShape, type ErrorShape, type Result } from '../../contract/errors.ts';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { requests, type ParsedInput, type RequestName, type RequestOutput } from '../../contract/requests.ts';

/** One handler per request of the contract: a missing one does not compile. */
export type Handlers = { [N in RequestName]: (input: ParsedInput<N>) => Promise<RequestOutput<N>> | RequestOutput<N> };

/** Whether the request comes from the app's own page; decided by the transport, which knows the sender. */
export type Sender = { readonly trusted: boolean };

export type Router = {
  /** Answers one request; never throws, whatever the name, the input or the handler do. */
  handle(name: unknown, input: unknown, sender: Sender): Promise<Result<unknown>>;
};

export type RouterOptions = {
  /** Checks what handlers answer against the contract: for tests and development, it costs a walk over the answer. */
  checkOutputs: boolean;
  /** Told of everything that is not a typed error, and of every refusal at the door. */
  onFault: (fault: { name: string; error: unknown }) => void;
};

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string; readonly keys?: readonly string[] };

const fail = (error: ErrorShape): Result<never> => ({ ok: false, error });

function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requests, name);
}

function invalidInput(issues: readonly Issue[]): AppError {
  const first = issues[0];
  const path = [...(first?.path ?? []), ...(first?.path.length === 0 && first.keys ? first.keys.slice(0, 1) : [])];
  const field = path.map(String).join('.').slice(0, 200);
  return new AppError(
    'INVALID_INPUT',
    field === '' ? 'This request is not in the expected form.' : `“${field}” is not in the expected form.`,
    { details: { field } },
  );
}

/** Makes the door that every request of a window passes: authorise, parse, dispatch; errors come out as values. */
export function createRouter(handlers: Handlers, options: RouterOptions): Router {
  return {
    async handle(name, input, sender) {
      const shown = typeof name === 'string' ? name.slice(0, 100) : typeof name;
      try {
        if (!sender.trusted) throw new AppError('UNTRUSTED_SENDER', 'This page may not use the app.');
        if (!isRequestName(name)) throw new AppError('UNKNOWN_REQUEST', 'The app knows no such request.');
        const schemas: { input: z.ZodType; output: z.ZodType } = requests[name];
        const parsed = parseUntrusted(schemas.input, input);
        if (!parsed.success) throw invalidInput(parsed.error?.issues ?? []);
        // The map ties name, schema and handler together; the compiler cannot follow that tie through an index.
        const handler = handlers[name] as (input: unknown) => unknown;
        const value = await handler(parsed.data);
        if (options.checkOutputs && !parseUntrusted(schemas.output, value).success) {
          throw new Error(`The answer to ${name} is not what the contract says.`);
        }
        return { ok: true, value };
      } catch (error) {
        const shape = toErrorShape(error);
        if (!(error instanceof AppError) || error.code === 'UNTRUSTED_SENDER' || error.code === 'INTERNAL') {
          options.onFault({ name: shown, error });
        }
        return fail(shape);
      }
    },
  };
}
