/** The API of asynchronous predictions. Nothing is accepted before everything that is needed to answer it is kept. */
import type { Files } from '../../kit/aws/files.ts';
import type { ObjectSource } from '../../kit/aws/objects.ts';
import { EXPIRY_SECONDS, type Presigner } from '../../kit/aws/presign.ts';
import type { Queue } from '../../kit/aws/queue.ts';
import { type Answer, json, refuse } from '../../kit/http/answer.ts';
import type { RoutedRequest } from '../../kit/http/request.ts';
import type { Route } from '../../kit/http/router.ts';
import { checkDescription } from '../../kit/model/store.ts';
import { resolveTenantModel } from '../../kit/model/tenant-model.ts';
import { type PredictionRequest, type PredictionRequests, tenantOf } from '../../kit/predictions/request.ts';
import { findFormatProblem, LARGEST_INPUT_BYTES } from '../../kit/transform/format.ts';
import { chooseId, readTenant } from './caller.ts';
import { readSubmission, type Submission } from './submission.ts';

export interface RequestsOptions {
  readonly requests: PredictionRequests;
  readonly queue: Pick<Queue, 'send'>;
  readonly files: Files;
  readonly presigner: Presigner;
  readonly models: ObjectSource;
  readonly modelPrefix: string;
  /** Of the bucket of predictions, and what keys start with; empty outside previews. */
  readonly bucket: string;
  readonly prefix: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const PATH = '/v1/predictions';
const LISTED = 100;
const KEEP_SECONDS = 30 * 24 * 60 * 60;
const MILLISECONDS = 1000;
const EXTENSIONS = { jsonl: 'jsonl', csv: 'csv', float32: 'f32' } as const;

export function requestRoutes(options: RequestsOptions): Route[] {
  const forTenant =
    (handle: (tenant: string, request: RoutedRequest) => Promise<Answer>) =>
    (request: RoutedRequest): Answer | Promise<Answer> => {
      const tenant = readTenant(request);
      return tenant.ok ? handle(tenant.value, request).catch(explainAway) : refuse(400, tenant.error);
    };
  return [
    {
      method: 'POST',
      path: PATH,
      body: 'bytes',
      handle: forTenant((tenant, request) => submit(options, tenant, request)),
    },
    { method: 'GET', path: PATH, handle: forTenant((tenant) => list(options, tenant)) },
    {
      method: 'POST',
      path: `${PATH}/:id/start`,
      handle: forTenant((tenant, { parameters }) => start(options, { tenant, id: parameters['id'] ?? '' })),
    },
    {
      method: 'GET',
      path: `${PATH}/:id`,
      handle: forTenant((tenant, { parameters }) => show(options, { tenant, id: parameters['id'] ?? '' })),
    },
  ];
}

async function submit(options: RequestsOptions, tenant: string, request: RoutedRequest): Promise<Answer> {
  const submission = readSubmission(request);
  if (!submission.ok) return submission.answer;
  const id = chooseId(request, tenant);
  if (!id.ok) return refuse(400, id.error);
  const wanted = describe(options, { tenant, id: id.value }, submission.value);
  const earlier = await options.requests.find(wanted);
  if (earlier) return repeat(options, earlier, wanted);
  const problem = await findModelProblem(options, wanted);
  if (problem) return problem;
  const { body } = submission.value;
  // The rows first: a request that is known has its file, unless it is uploaded.
  if (body) await options.files.create(wanted.input, body, { contentType: 'application/octet-stream' });
  const there = await options.requests.add(wanted);
  if (there) return repeat(options, there, wanted);
  if (body) await enqueue(options, wanted);
  return accepted(options, wanted);
}

/** The same key again: what was begun is completed, because whoever asked before may have been killed in between. */
async function repeat(
  options: RequestsOptions,
  earlier: PredictionRequest,
  wanted: PredictionRequest,
): Promise<Answer> {
  if (earlier.fingerprint !== wanted.fingerprint)
    return refuse(422, 'this idempotency-key belongs to another request; use a new one');
  // A message too many does no harm: the request is worked on once.
  if (earlier.state === 'waiting') await enqueue(options, earlier);
  return accepted(options, earlier);
}

function describe(
  { prefix, now }: RequestsOptions,
  { tenant, id }: Pick<PredictionRequest, 'tenant' | 'id'>,
  { model, version, format, body, fingerprint }: Submission,
): PredictionRequest {
  const folder = `${prefix}${tenant}/${id}/`;
  return {
    tenant,
    id,
    state: body ? 'waiting' : 'uploading',
    model,
    ...(version !== undefined && { version }),
    format,
    // Other rows that come with the same idempotency key have another file, whoever was killed in between.
    input: `${folder}input${body ? `-${fingerprint.slice(0, 16)}` : ''}.${EXTENSIONS[format]}`,
    output: `${folder}result.${format === 'float32' ? 'f32' : 'jsonl'}`,
    fingerprint,
    attempts: 0,
    createdAt: new Date(now()).toISOString(),
    expiresAt: Math.floor(now() / MILLISECONDS) + KEEP_SECONDS,
  };
}

/** Told now rather than after an hour in the queue. */
async function findModelProblem(
  { models, modelPrefix }: RequestsOptions,
  request: PredictionRequest,
): Promise<Answer | undefined> {
  const { model: name, version, format } = request;
  const wanted = { tenant: tenantOf(request), name, ...(version !== undefined && { version }) };
  const address = await resolveTenantModel(models, modelPrefix, wanted);
  if (!address.ok) return refuse(404, address.error);
  const bytes = await models.read(`${address.value.folder}model.json`);
  const description = bytes && checkDescription(address.value, bytes);
  if (!description?.ok) return refuse(409, `${name} cannot be used: ${description?.error ?? 'it has no model.json'}`);
  const problem = findFormatProblem(description.value, format);
  return problem === undefined ? undefined : refuse(400, problem);
}

async function start(options: RequestsOptions, reference: Pick<PredictionRequest, 'tenant' | 'id'>): Promise<Answer> {
  const request = await options.requests.find(reference);
  if (!request) return unknown(reference.id);
  if (request.state !== 'uploading') return repeat(options, request, request);
  const file = await options.files.describe(request.input);
  if (!file) return refuse(409, 'the file is not there yet; send it to the address of the upload first');
  if (file.bytes > LARGEST_INPUT_BYTES)
    return refuse(413, `the file has ${file.bytes} bytes, at most ${LARGEST_INPUT_BYTES} are taken`);
  await options.requests.uploaded(request);
  await enqueue(options, request);
  return accepted(options, { ...request, state: 'waiting' });
}

const enqueue = ({ queue }: RequestsOptions, { tenant, id }: PredictionRequest): Promise<void> =>
  queue.send(JSON.stringify({ tenant, id }));

async function accepted(options: RequestsOptions, request: PredictionRequest): Promise<Answer> {
  const address = `${PATH}/${request.id}`;
  const upload =
    request.state === 'uploading'
      ? {
          upload: {
            method: 'PUT',
            url: await options.presigner.upload(request.input),
            seconds: EXPIRY_SECONDS,
            startAt: `${address}/start`,
          },
        }
      : {};
  return json(202, { ...view(options, request), ...upload }, { location: address });
}

async function show(options: RequestsOptions, reference: Pick<PredictionRequest, 'tenant' | 'id'>): Promise<Answer> {
  const request = await options.requests.find(reference);
  if (!request) return unknown(reference.id);
  if (request.state !== 'done') return json(200, view(options, request));
  const result = { url: await options.presigner.download(request.output), seconds: EXPIRY_SECONDS };
  return json(200, { ...view(options, request), result });
}

async function list(options: RequestsOptions, tenant: string): Promise<Answer> {
  const found = await options.requests.list(tenant, LISTED);
  return json(200, { predictions: found.map((request) => view(options, request)) });
}

function view({ bucket }: RequestsOptions, request: PredictionRequest) {
  const { id, state, model, version, format, rows, failed, reason, answeredBy, createdAt, finishedAt, output } =
    request;
  // What is not known yet is not in the JSON.
  return {
    id,
    state,
    model,
    version,
    format,
    rows,
    failed,
    reason,
    answeredBy,
    createdAt,
    finishedAt,
    output: `s3://${bucket}/${output}`,
  };
}

const unknown = (id: string): Answer => refuse(404, `there is no prediction ${id.slice(0, 64)}`);

/** AWS throttles or does not answer: the caller tries again, with the same key if there is one. Anything else is a bug. */
function explainAway(error: unknown): Answer {
  const isAway = error instanceof Error && ('$metadata' in error || '$fault' in error || 'code' in error);
  if (!isAway) throw error;
  return refuse(503, 'requests cannot be taken right now; try again', { 'retry-after': '2' });
}
