import { NormalizedSchema } from '@smithy/core/schema';

/** Wire protocols of AWS, by the shape ids the SDK clients carry. */
export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'restJson1' | 'restXml';

export interface HttpBinding {
  readonly method: string;
  /** `/2015-03-31/functions/{FunctionName}/invocations`; a label that ends with `+` takes the rest of the path. */
  readonly path: string;
  /** Literal query parameters, such as `list-type=2`, which an operation is recognised by. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly status: number;
}

export interface OperationModel {
  readonly name: string;
  readonly http?: HttpBinding;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

export interface ErrorModel {
  readonly status?: number;
  /** Code of the Query protocol where it differs from the shape's name. */
  readonly code?: string;
  /** Shape of the error's own members, such as `CancellationReasons`. */
  readonly schema?: NormalizedSchema;
}

/** What an SDK client knows about its service's wire format. */
export interface ServiceModel {
  /** SigV4 signing name. */
  readonly name: string;
  readonly protocol: Protocol;
  /** First half of `X-Amz-Target` (JSON protocols). */
  readonly target: string;
  /** `Version` of the Query protocol's forms. */
  readonly version: string;
  readonly xmlNamespace: string;
  readonly operations: ReadonlyMap<string, OperationModel>;
  error(name: string): ErrorModel;
}

type SchemaReference = Parameters<typeof NormalizedSchema.of>[0];
type ClientModule = Readonly<Record<string, unknown>>;

interface ClientConfig {
  readonly defaultSigningName: string;
  readonly protocol: { getShapeId(): string };
  readonly protocolSettings: {
    readonly serviceTarget: string;
    readonly version: string;
    readonly xmlNamespace: string;
  };
}

const OPERATION_SCHEMA = 9;
const ERROR_SCHEMA = -3;

/**
 * Reads the model out of an imported `@aws-sdk/client-*` module, which exports each operation and shape of its service as
 * `<Name>$`. The clients' versions are pinned, because these schemas are not a promised interface.
 */
export function readModel(module: ClientModule): ServiceModel {
  const config = clientConfig(module);
  const name = config.defaultSigningName;
  return {
    name,
    protocol: config.protocol.getShapeId().replace('aws.protocols#', '') as Protocol,
    target: config.protocolSettings.serviceTarget,
    version: config.protocolSettings.version,
    xmlNamespace: config.protocolSettings.xmlNamespace,
    operations: new Map(
      Object.values(module)
        .filter(isOperationSchema)
        .map((schema) => [schema[2], operationModel(schema, name)]),
    ),
    error: (error) => errorModel(module[`${error}$`] ?? module[`${error}Exception$`]),
  };
}

function clientConfig(module: ClientModule): ClientConfig {
  const entry = Object.entries(module).find(([name]) => name.endsWith('Client') && !name.startsWith('_'));
  if (!entry) throw new Error('not an AWS SDK client module: it exports no client class');
  const Client = entry[1] as new (options: object) => { readonly config: ClientConfig };
  return new Client({ region: 'us-east-1' }).config;
}

type OperationSchema = readonly [
  kind: number,
  namespace: string,
  name: string,
  traits: unknown,
  input: SchemaReference,
  output: SchemaReference,
];

function isOperationSchema(value: unknown): value is OperationSchema {
  return Array.isArray(value) && value[0] === OPERATION_SCHEMA;
}

function operationModel([, , name, traits, input, output]: OperationSchema, service: string): OperationModel {
  const model = { name, input: NormalizedSchema.of(input), output: NormalizedSchema.of(output) };
  const http = (traits as { http?: readonly [string, string, number] }).http;
  return http ? { ...model, http: httpBinding(http, service, model.input) } : model;
}

function httpBinding(
  [method, uri, status]: readonly [string, string, number],
  service: string,
  input: NormalizedSchema,
) {
  const [path = '/', query = ''] = uri.split('?');
  const literals = [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id');
  return { method, path: service === 's3' ? pathStyle(path, input) : path, query: literals, status };
}

/** The SDK leaves the bucket out of S3's paths because it may be part of the host; here it never is. */
function pathStyle(path: string, input: NormalizedSchema): string {
  const names = input.isStructSchema() ? [...input.structIterator()].map(([name]) => name) : [];
  return names.includes('Bucket') && !path.includes('{Bucket}') ? `/{Bucket}${path === '/' ? '' : path}` : path;
}

function errorModel(schema: unknown): ErrorModel {
  if (!Array.isArray(schema) || schema[0] !== ERROR_SCHEMA) return {};
  const traits = (typeof schema[3] === 'object' ? schema[3] : {}) as {
    httpError?: number;
    awsQueryError?: [string, number];
  };
  const status = traits.awsQueryError?.[1] ?? traits.httpError;
  const code = traits.awsQueryError?.[0];
  return {
    schema: NormalizedSchema.of(schema as unknown as SchemaReference),
    ...(status ? { status } : {}),
    ...(code ? { code } : {}),
  };
}
