import type { Cloud } from '../../cloud.ts';
import { ConnectionDropped, type Faults } from './faults.ts';
import { type OperationModel, readModel, type ServiceModel } from './model.ts';
import type { AwsResponse, ProtocolCodec } from './protocol.ts';
import { jsonCodec } from './protocol-json.ts';
import { form, queryCodec } from './protocol-query.ts';
import { restJsonCodec, restXmlCodec } from './protocol-rest.ts';
import { type AwsRequest, withRequest } from './request.ts';
import { checkRequired } from './required.ts';
import { AwsError, type AwsService, type Operation } from './service.ts';

/** A call that came over the wire, and whose credentials signed it. */
export interface AwsCall {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  readonly accessKeyId: string | undefined;
}

export interface Dispatcher {
  answer(request: AwsRequest): Promise<AwsResponse>;
  readonly invoke: Cloud['invoke'];
}

interface Served {
  readonly model: ServiceModel;
  readonly service: AwsService;
}

const CODECS: Readonly<Record<ServiceModel['protocol'], ProtocolCodec>> = {
  awsJson1_0: jsonCodec,
  awsJson1_1: jsonCodec,
  awsQuery: queryCodec,
  restJson1: restJsonCodec,
  restXml: restXmlCodec,
};

/** Operations that AWS itself accepts without a signature. */
const UNSIGNED = new Set(['sts:AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithSAML']);

/** Finds service and operation of each request, reads its input, runs the operation and writes output or error. */
export function createDispatcher(options: {
  readonly services: readonly AwsService[];
  readonly clientModules: readonly object[];
  readonly faults: Faults;
  /** Told of every call before it is answered. */
  onCall?(call: AwsCall): void;
  log: Cloud['log'];
}): Dispatcher {
  const models = options.clientModules.map((module) => readModel(module as Readonly<Record<string, unknown>>));
  const served = options.services.map((service) => {
    const model = models.find(({ name }) => name === service.name);
    if (!model) throw new Error(`no SDK client module for the service ${service.name}`);
    const unknown = Object.keys(service.operations).find((name) => !model.operations.has(name));
    if (unknown) throw new Error(`${service.name} serves ${unknown}, which its SDK client does not know`);
    return { model, service };
  });

  async function answer(request: AwsRequest): Promise<AwsResponse> {
    let label = `${request.method} ${request.path}`;
    let codec = guessCodec(request);
    let model = UNKNOWN_SERVICE;
    try {
      const found = await findService(served, request);
      model = found.model;
      codec = codecFor(request, model);
      const name = await codec.operation(request, model);
      label = `${model.name}:${name}`;
      requireSignature(request, label);
      const { operation, run } = find(found, name);
      const input = await codec.input(request, operation);
      checkRequired(operation.input, input);
      options.onCall?.({ service: model.name, operation: name, input, accessKeyId: request.scope?.accessKeyId });
      const number = options.faults.next();
      await options.faults.meet({ number, operation: label, moment: 'before' });
      const output = await withRequest(request, () => run(input));
      await options.faults.meet({ number, operation: label, moment: 'after' });
      return codec.output(operation, (output ?? {}) as Record<string, unknown>, { service: model, request });
    } catch (error) {
      if (error instanceof ConnectionDropped) throw error;
      return codec.error(asAwsError(error, label, options.log), { service: model, request });
    }
  }

  async function invoke<Output>(serviceName: string, name: string, input: object): Promise<Output> {
    const found = served.find(({ service }) => service.name === serviceName);
    if (!found) throw unsupported(serviceName, name);
    const { operation, run } = find(found, name);
    checkRequired(operation.input, input);
    return ((await run(input)) ?? {}) as Output;
  }

  return { answer, invoke };
}

/** Stands in for the model of a service that is not served, so that the refusal can be written in the caller's protocol. */
const UNKNOWN_SERVICE: ServiceModel = {
  name: 'unknown',
  protocol: 'restJson1',
  target: '',
  version: '',
  xmlNamespace: '',
  operations: new Map(),
  error: () => ({}),
};

function guessCodec(request: AwsRequest): ProtocolCodec {
  if (request.headers['x-amz-target']) return jsonCodec;
  if (isForm(request)) return queryCodec;
  return request.scope?.service === 's3' ? restXmlCodec : restJsonCodec;
}

function codecFor(request: AwsRequest, model: ServiceModel): ProtocolCodec {
  const isRest = model.protocol === 'restJson1' || model.protocol === 'restXml';
  return !isRest && isForm(request) ? queryCodec : CODECS[model.protocol];
}

function isForm(request: AwsRequest): boolean {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** By SigV4 credential scope, then `X-Amz-Target`, then the form's `Version`. */
async function findService(served: readonly Served[], request: AwsRequest): Promise<Served> {
  const target = request.headers['x-amz-target']?.split('.')[0];
  const name = request.scope?.service;
  const version = !name && !target && isForm(request) ? (await form(request)).get('Version') : undefined;
  const found =
    served.find(({ model }) => model.name === name) ??
    served.find(({ model }) => target && model.target === target) ??
    served.find(({ model }) => version && model.version === version);
  if (found) return found;
  if (name || target) throw unsupported(name ?? target ?? '', request.headers['x-amz-target']?.split('.')[1]);
  throw missingSignature();
}

function requireSignature(request: AwsRequest, label: string): void {
  if (!request.scope && !UNSIGNED.has(label)) throw missingSignature();
}

function missingSignature(): AwsError {
  return new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', { status: 403 });
}

function find({ model, service }: Served, name: string): { operation: OperationModel; run: Operation } {
  const operation = model.operations.get(name);
  const run = service.operations[name];
  if (!operation || !run) throw unsupported(model.name, name);
  return { operation, run };
}

function unsupported(service: string, operation?: string): AwsError {
  const what = operation ? `${service}:${operation}` : `the service ${service}`;
  return new AwsError('UnsupportedOperation', `${what} is not supported by the local cloud`, { status: 501 });
}

function asAwsError(error: unknown, label: string, log: Cloud['log']): AwsError {
  if (error instanceof AwsError) {
    log({ source: 'aws', message: `${label}: ${error.name}: ${error.message}`, status: error.status });
    return error;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  log({ source: 'aws', message: `${label} failed unexpectedly`, status: 500, stack });
  return new AwsError('InternalFailure', 'An internal error occurred; see the log of the local cloud', { status: 500 });
}
