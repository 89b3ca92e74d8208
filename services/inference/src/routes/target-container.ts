/** Multi-container endpoints: one address in front of up to fifteen services, and the request says which one it is for. */
import { Agent, request as ask } from 'node:http';
import type { Setting } from '../../../kit/config.ts';
import { type Answer, refuse } from '../../../kit/http/answer.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import type { Result } from '../../../kit/result.ts';

/** Host name -> where that service answers; `self` for the one that routes. */
export type Containers = ReadonlyMap<string, string>;

/**
 * Undefined when this service itself is meant.
 * @param declared the container that the request's model names in its description; asked for when the request names none
 */
export type ContainerRouter = (
  request: RoutedRequest,
  declared: () => Promise<string | undefined>,
) => Promise<Answer | undefined>;

/** https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-direct.html */
const MAXIMUM_CONTAINERS = 15;
const HEADERS = ['x-amzn-sagemaker-target-container-hostname', 'targetcontainerhostname'] as const;
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,62})$/;
const TIMEOUT_MILLISECONDS = 60_000;
const PASSED_ON =
  /^(content-type|accept|inference-header-content-length|targetmodel|traceparent|x-slipway-tenant|x-slipway-variant|x-request-timeout-ms|x-amzn-sagemaker-(?!target-container-hostname).*)$/;
const PASSED_BACK = /^(content-type|retry-after|inference-header-content-length|server-timing|x-slipway-prediction)$/;

/** Reads `name=url,name=url` from a variable; absent: there is only this service. */
export function containers(variable: string): Setting<Containers> {
  return (environment) => parseContainers(variable, environment[variable] ?? '');
}

function parseContainers(variable: string, text: string): Result<Containers> {
  const pairs = text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    });
  const wrong = pairs.find(([name, url]) => !NAME.test(name) || !(url === 'self' || isHttp(url)));
  if (wrong)
    return { ok: false, error: `${variable} has "${wrong.join('=')}", expected name=http://host:port or name=self` };
  if (pairs.length > MAXIMUM_CONTAINERS)
    return {
      ok: false,
      error: `${variable} has ${pairs.length} containers, at most ${MAXIMUM_CONTAINERS} are possible`,
    };
  if (new Set(pairs.map(([name]) => name)).size < pairs.length)
    return { ok: false, error: `${variable} has a name twice` };
  return { ok: true, value: new Map(pairs) };
}

const isHttp = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'http:';

/** Without containers every request is for this service, and one that names a container is told that there is none. */
export function createContainerRouter(known: Containers): ContainerRouter {
  const agent = new Agent({ keepAlive: true });
  const names = [...known.keys()].join(', ');
  return async (request, declared) => {
    const named = targetContainer(request);
    if (known.size === 0)
      return named === undefined
        ? undefined
        : refuse(400, `there is no container ${named.slice(0, 64)}; this endpoint has only one`);
    const wanted = named ?? (await declared());
    if (wanted === undefined) return refuse(400, `name a container in the header TargetContainerHostname: ${names}`);
    const url = known.get(wanted);
    if (url === undefined) return refuse(400, `there is no container ${wanted.slice(0, 64)}, only ${names}`);
    if (url === 'self') return undefined;
    const address = new URL(request.path, url);
    address.search = passedQuery(request.query);
    return forward(request, { url: address, agent }).catch(() =>
      refuse(503, `the container ${wanted} does not answer`, { 'retry-after': '1' }),
    );
  };
}

function targetContainer({ headers, query }: RoutedRequest): string | undefined {
  for (const header of HEADERS) if (headers[header]) return headers[header];
  return query.get('TargetContainerHostname') ?? undefined;
}

/** Which container is meant was said to this one; the next one may have none behind itself. */
function passedQuery(query: URLSearchParams): string {
  const passed = new URLSearchParams(query);
  passed.delete('TargetContainerHostname');
  return passed.toString();
}

function forward(
  { id, method, headers, body }: RoutedRequest,
  { url, agent }: { readonly url: URL; readonly agent: Agent },
): Promise<Answer> {
  const passed = Object.entries(headers).filter(([name]) => PASSED_ON.test(name));
  return new Promise((resolve, reject) => {
    const outgoing = ask(
      url,
      {
        method,
        agent,
        timeout: TIMEOUT_MILLISECONDS,
        headers: { ...Object.fromEntries(passed), 'x-request-id': id, 'content-length': (body as Uint8Array).length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const kept = Object.entries(response.headers).filter(([name]) => PASSED_BACK.test(name));
          resolve({
            status: response.statusCode ?? 502,
            headers: Object.fromEntries(kept) as Record<string, string>,
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('it takes too long')));
    outgoing.on('error', reject);
    outgoing.end(body as Uint8Array);
  });
}
