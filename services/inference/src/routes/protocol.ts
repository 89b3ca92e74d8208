/**
 * The Open Inference Protocol, version 2, over HTTP, with the binary tensor extension, and of Triton's model repository extension the
 * index. https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
import type { Identity } from '../../../kit/config.ts';
import { type Answer, json, refuse } from '../../../kit/http/answer.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import type { Route } from '../../../kit/http/router.ts';
import { showModelName } from '../../../kit/model/name.ts';
import type { ModelVersions } from '../../../kit/model/store.ts';
import { readProtocolBody } from '../requests/body.ts';
import { chooseTarget, TENANT_HEADER, targetModel } from '../requests/caller.ts';
import { refuseLookup } from '../requests/infer.ts';
import type { Server } from '../server.ts';
import { describeModel } from './metadata.ts';

/** Those that are there as a whole: models are loaded when they are asked and left when there is no room, so nobody says when. */
const EXTENSIONS = ['binary_tensor_data'];

export function protocolRoutes(server: Server, identity: Identity): Route[] {
  const model = (path: string): string[] => [`/v2/models/:model${path}`, `/v2/models/:model/versions/:version${path}`];
  return [
    ...model('/infer').map(
      (path): Route => ({ method: 'POST', path, body: 'bytes', handle: (request) => infer(server, request) }),
    ),
    { method: 'GET', path: '/v2', handle: () => describeServer(identity) },
    { method: 'GET', path: '/v2/health/live', quiet: true, handle: () => json(200, { live: true }) },
    { method: 'GET', path: '/v2/health/ready', quiet: true, handle: () => readiness(server) },
    { method: 'POST', path: '/v2/repository/index', handle: (request) => index(server, request) },
    ...model('').map((path): Route => ({ method: 'GET', path, handle: (request) => metadata(server, request) })),
    ...model('/ready').map(
      (path): Route => ({ method: 'GET', path, handle: (request) => modelReadiness(server, request) }),
    ),
  ];
}

function infer(server: Server, request: RoutedRequest): Promise<Answer> {
  const { model = '', version } = request.parameters;
  return server.infer({
    name: targetModel(request) ?? model,
    ...(version !== undefined && { version }),
    request,
    read: (description) => readProtocolBody(request, description),
  });
}

function describeServer({ release, environment }: Identity): Answer {
  return json(200, { name: `slipway-inference (${environment})`, version: release, extensions: EXTENSIONS });
}

export function readiness(server: Server): Answer {
  const ready = server.ready();
  return json(ready ? 200 : 503, { ready, ...(!ready && { error: 'no model is loaded yet' }) });
}

/** Calls `use` with the model of the path, and lets go of it. */
async function withModel(
  server: Server,
  request: RoutedRequest,
  use: (found: Parameters<typeof describeModel>[0], versions: readonly string[]) => Answer,
): Promise<Answer> {
  const { model = '', version } = request.parameters;
  const target = chooseTarget(model, request.headers[TENANT_HEADER], server.tenancy);
  if (!target.ok) return refuse(target.status, target.error);
  const lookup = await server.lookUp(target.name, target.tenant, version);
  if (lookup.kind !== 'found') return refuseLookup(lookup);
  const { description, name } = lookup.resident.value;
  server.done(lookup.resident);
  const versions = await server.registry.versions(name);
  const usable = versions?.versions.filter((one) => server.registry.problem(name, one) === undefined);
  return use(description, usable ?? [description.version]);
}

const metadata = (server: Server, request: RoutedRequest): Promise<Answer> =>
  withModel(server, request, (description, versions) => json(200, describeModel(description, versions)));

async function modelReadiness(server: Server, request: RoutedRequest): Promise<Answer> {
  const { model: name = '' } = request.parameters;
  const answer = await withModel(server, request, () => json(200, { name, ready: true }));
  if (answer.status !== 503) return answer;
  return { ...answer, body: JSON.stringify({ name, ready: false, ...JSON.parse(String(answer.body)) }) };
}

/** The states are those of Triton's index. A tenant sees its own models, too. */
async function index(server: Server, { headers }: RoutedRequest): Promise<Answer> {
  const target = chooseTarget('', headers[TENANT_HEADER], server.tenancy);
  if (!target.ok) return refuse(target.status, target.error);
  const own = target.tenant === '' ? [] : await server.names(target.tenant);
  const models = await Promise.all(
    [...(await server.names()), ...own].map((name) => server.registry.versions(showModelName(name))),
  );
  // Who may call at all decided somebody else; then those that were loaded from folders are everybody's, too.
  const loaded = server.tenancy === 'trusted' ? server.folders.loaded : [];
  return json(200, [
    ...loaded.map(({ name, version }) => ({ name, version, state: 'READY', serves: true })),
    ...models.flatMap((one) => (one ? describeVersions(server, one) : [])),
  ]);
}

function describeVersions({ registry }: Server, { name, versions, current }: ModelVersions): unknown[] {
  const shown = showModelName(name);
  return versions.map((version) => {
    const reason = registry.problem(shown, version);
    return {
      name: shown,
      version,
      state: reason === undefined ? 'READY' : 'UNAVAILABLE',
      ...(reason && { reason }),
      ...(version === current && { serves: true }),
    };
  });
}
