import { GitHubError } from '../types.ts';
import { type Route, readDescription } from './description.ts';
import { paginate } from './pagination.ts';
import { isPermitted } from './permissions.ts';
import { Refusal } from './refusal.ts';
import type { Answer, ApiOptions, Handlers } from './server.ts';
import { createValidation, type Validation } from './validation.ts';

/** A request as far as the API looks at it. */
export interface Call {
  readonly method: string;
  readonly target: URL;
  readonly token: string;
  /** The JSON of the body; undefined when it is empty. */
  readonly body: () => Promise<unknown>;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const DOCUMENTATION = 'https://docs.github.com/rest';

/** Answers calls: finds the operation, checks token, permission and input, runs the handler, checks and cuts the answer. */
export function createDispatcher(options: ApiOptions, handlers: () => Handlers): (call: Call) => Promise<Reply> {
  const description = readDescription();
  const validation = createValidation(description);
  return async (call) => {
    const { method, target } = call;
    const route = description.routes.find((one) => one.method === method && one.pattern.test(target.pathname));
    const name = route?.operation.operationId ?? `${method} ${target.pathname}`;
    const reply = await answer({ route, name, call, options, validation, handlers }).catch((error: unknown) => {
      if (isBug(error)) options.onBug(name, error);
      return refusalReply(error, route?.operation.externalDocs?.url ?? DOCUMENTATION);
    });
    options.onRequest(name, reply.status);
    return reply;
  };
}

interface Dispatch {
  readonly route: Route | undefined;
  readonly name: string;
  readonly call: Call;
  readonly options: ApiOptions;
  readonly validation: Validation;
  readonly handlers: () => Handlers;
}

async function answer(dispatch: Dispatch): Promise<Reply> {
  const { route, name, call, validation } = dispatch;
  const handler = dispatch.handlers()[name];
  if (!route || !handler) throw new Refusal(501, `${name} is not answered by the local GitHub`);
  const { caller, path } = admit(route, dispatch);
  const query = Object.fromEntries(call.target.searchParams);
  const { status, body }: Answer = await handler({
    parameters: validation.parameters(route.operation, { path, query }),
    body: validation.body(route.operation, await call.body()),
    caller,
  });
  const page = paginate(body, call.target);
  const fault = validation.responseFault(route.operation, status, page.body);
  if (fault) throw new Error(`The answer to ${name} has not GitHub's shape: ${fault}`);
  return { status, ...page };
}

/** Who calls, and the path parameters. @throws Refusal: 401, 403, or 404 for another repository. */
function admit({ names, pattern, operation }: Route, { call, options }: Dispatch) {
  const caller = options.callerOf(call.token);
  if (!caller) throw new Refusal(401, 'Bad credentials');
  const [, ...values] = pattern.exec(call.target.pathname) ?? [];
  const path = Object.fromEntries(names.map((name, index) => [name, decode(values[index] ?? '')]));
  const repository = `${path['owner']}/${path['repo']}`;
  if (repository.toLowerCase() !== options.repository.toLowerCase()) throw new Refusal(404, 'Not Found');
  if (!isPermitted(operation.operationId, caller.permissions)) {
    throw new Refusal(403, 'Resource not accessible by integration');
  }
  return { caller, path };
}

function isBug(error: unknown): boolean {
  return !(error instanceof Refusal || error instanceof GitHubError);
}

function refusalReply(error: unknown, documentation: string): Reply {
  const { status, details } =
    error instanceof Refusal ? error : { status: error instanceof GitHubError ? error.status : 500, details: {} };
  const message = error instanceof Error ? error.message : String(error);
  return {
    status,
    body: { message, ...details, documentation_url: documentation, status: String(status) },
    headers: {},
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, `Malformed URL: ${part}`);
  }
}
