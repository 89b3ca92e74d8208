/**
 * SageMaker's hosting contract: `GET /ping`, `POST /invocations`, and the API with which it loads and unloads models of a multi-model
 * endpoint. https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and mms-container-apis.html
 */
import { type Answer, json, refuse } from '../../../kit/http/answer.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import type { Route } from '../../../kit/http/router.ts';
import { isRecord } from '../../../kit/result.ts';
import type { LoadedFolder } from '../models/folders.ts';
import { chooseTarget, TENANT_HEADER, targetModel } from '../requests/caller.ts';
import { createReader } from '../requests/formats.ts';
import type { Server } from '../server.ts';
import { readiness } from './protocol.ts';
import type { ContainerRouter } from './target-container.ts';

const PAGE = 100;
const MODEL_NAME = /^[^\p{Cc}]{1,256}$/u;

export function sageMakerRoutes(server: Server, toContainer: ContainerRouter): Route[] {
  return [
    { method: 'GET', path: '/ping', quiet: true, handle: () => readiness(server) },
    {
      method: 'POST',
      path: '/invocations',
      body: 'bytes',
      handle: async (request) =>
        (await toContainer(request, () => declaredContainer(server, request))) ??
        invoke(server, request, await chooseModel(server, request)),
    },
    { method: 'GET', path: '/models', handle: (request) => list(server, request) },
    { method: 'POST', path: '/models', body: 'json', handle: (request) => load(server, request) },
    { method: 'GET', path: '/models/:model', handle: ({ parameters }) => show(server, parameters['model'] ?? '') },
    { method: 'DELETE', path: '/models/:model', handle: ({ parameters }) => unload(server, parameters['model'] ?? '') },
    {
      method: 'POST',
      path: '/models/:model/invoke',
      body: 'bytes',
      handle: (request) => invoke(server, request, request.parameters['model']),
    },
  ];
}

async function invoke(server: Server, request: RoutedRequest, name: string | undefined): Promise<Answer> {
  if (name === undefined) {
    const names = await server.modelNames();
    return refuse(400, `name a model in the header TargetModel: ${names.slice(0, 20).join(', ')}`);
  }
  return server.infer({ name, request, ...createReader(request) });
}

/** The one that the request names, the one that this container was made for, or the only one there is. */
async function chooseModel(server: Server, request: RoutedRequest): Promise<string | undefined> {
  const named = targetModel(request) ?? server.defaultModel;
  if (named !== undefined) return named;
  const [only, ...others] = await server.modelNames();
  return others.length === 0 ? only : undefined;
}

/** Where the request's model says it belongs. */
async function declaredContainer(server: Server, request: RoutedRequest): Promise<string | undefined> {
  const name = await chooseModel(server, request);
  const target = name === undefined ? undefined : chooseTarget(name, request.headers[TENANT_HEADER], server.tenancy);
  if (!target?.ok) return undefined;
  // While the store is away nobody knows, and the caller can still say it.
  return server.targetContainer(target.name, target.tenant).catch(() => undefined);
}

async function load(server: Server, { body }: RoutedRequest): Promise<Answer> {
  const { model_name: name, url } = isRecord(body) ? body : {};
  if (typeof name !== 'string' || !MODEL_NAME.test(name))
    return refuse(400, '`model_name` has to be a string of 1 to 256 characters that can be seen');
  if (typeof url !== 'string') return refuse(400, '`url` has to be the path of the folder with the model');
  const loaded = await server.folders.load(name, url);
  switch (loaded.kind) {
    case 'loaded':
      return json(200, { modelName: name, modelUrl: url });
    case 'already':
      return refuse(409, `${name} is loaded already`);
    case 'full':
      return refuse(507, `there is no memory for ${name}; unload another model first`);
    case 'refused':
      return refuse(400, loaded.error);
  }
}

async function unload(server: Server, name: string): Promise<Answer> {
  if (await server.folders.unload(name)) return json(200, { modelName: name });
  return refuse(404, `${name.slice(0, 128)} is not loaded`);
}

function show(server: Server, name: string): Answer {
  const known = server.folders.loaded.find((one) => one.name === name);
  return known ? json(200, showLoaded(known)) : refuse(404, `${name.slice(0, 128)} is not loaded`);
}

function list(server: Server, { query }: RoutedRequest): Answer {
  // The token is the last name of the page before: what is unloaded meanwhile makes no page skip another model.
  const after = Buffer.from(query.get('next_page_token') ?? '', 'base64url').toString();
  const rest = server.folders.loaded.filter(({ name }) => name > after);
  const models = rest.slice(0, PAGE);
  const last = rest.length > PAGE ? models.at(-1) : undefined;
  return json(200, {
    models: models.map(showLoaded),
    ...(last && { nextPageToken: Buffer.from(last.name).toString('base64url') }),
  });
}

const showLoaded = ({ name, folder }: LoadedFolder) => ({ modelName: name, modelUrl: folder });
