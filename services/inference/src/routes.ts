/**
 * The Open Inference Protocol, version 2, over HTTP, and of Triton's model repository extension the index.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
import type { Identity } from '../../kit/config.ts';
import { type Answer, json, refuse } from '../../kit/http/answer.ts';
import type { RoutedRequest } from '../../kit/http/request.ts';
import type { Route } from '../../kit/http/router.ts';
import { infer } from './infer.ts';
import { describeModel } from './metadata.ts';
import type { LoadedVersion, Repository } from './repository.ts';

export function inferenceRoutes(repository: Repository, identity: Identity): Route[] {
  const model = (path: string): string[] => [`/v2/models/:model${path}`, `/v2/models/:model/versions/:version${path}`];
  return [
    { method: 'GET', path: '/v2', handle: () => describeServer(identity) },
    { method: 'GET', path: '/v2/health/live', quiet: true, handle: () => json(200, { live: true }) },
    { method: 'GET', path: '/v2/health/ready', quiet: true, handle: () => readiness(repository) },
    { method: 'POST', path: '/v2/repository/index', handle: () => json(200, repository.index().map(describeEntry)) },
    ...model('').map(
      (path): Route => ({
        method: 'GET',
        path,
        handle: (request) =>
          withModel(repository, request, ({ model: { description } }, versions) =>
            json(200, describeModel(description, versions)),
          ),
      }),
    ),
    ...model('/ready').map(
      (path): Route => ({ method: 'GET', path, handle: (request) => modelReadiness(repository, request) }),
    ),
    ...model('/infer').map(
      (path): Route => ({
        method: 'POST',
        path,
        body: 'json',
        handle: (request) => withModel(repository, request, (loaded) => infer(loaded, request.body)),
      }),
    ),
  ];
}

function describeServer({ release, environment }: Identity): Answer {
  return json(200, { name: `slipway-inference (${environment})`, version: release, extensions: ['model_repository'] });
}

function readiness(repository: Repository): Answer {
  const ready = repository.ready();
  return json(ready ? 200 : 503, { ready, ...(!ready && { error: 'no model is loaded yet' }) });
}

function modelReadiness(repository: Repository, { parameters }: RoutedRequest): Answer {
  const name = parameters['model'] ?? '';
  const lookup = repository.find(name, parameters['version']);
  if (lookup.kind === 'unknown') return refuse(404, lookup.error);
  const ready = lookup.kind === 'found';
  return json(ready ? 200 : 503, { name, ready, ...(lookup.kind === 'unavailable' && { error: lookup.error }) });
}

/** The states are those of Triton's index. */
function describeEntry({ name, version, loaded, reason }: ReturnType<Repository['index']>[number]): unknown {
  return { name, version, state: loaded ? 'READY' : 'UNAVAILABLE', ...(reason && { reason }) };
}

function withModel(
  repository: Repository,
  { parameters }: RoutedRequest,
  answer: (loaded: LoadedVersion, versions: readonly string[]) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const lookup = repository.find(parameters['model'] ?? '', parameters['version']);
  if (lookup.kind === 'unknown') return refuse(404, lookup.error);
  if (lookup.kind === 'unavailable') return refuse(503, lookup.error);
  return answer(lookup.loaded, lookup.versions);
}
