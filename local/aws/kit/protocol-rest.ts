import type { NormalizedSchema } from '@smithy/core/schema';
import { fromJson, parseJson, toJson } from './json.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { Answered, AwsResponse, ProtocolCodec, Shape } from './protocol.ts';
import { jsonError } from './protocol-json.ts';
import type { AwsRequest } from './request.ts';
import { matchRoute } from './routes.ts';
import { AwsError } from './service.ts';
import { members, readText, writeText } from './values.ts';
import { escapeXml, parseXmlBody, toXml } from './xml.ts';

/** What the two REST protocols do differently: how a structure is a document. */
interface DocumentFormat {
  readonly contentType: string;
  read(schema: NormalizedSchema, text: string): unknown;
  write(schema: NormalizedSchema, value: Shape, service: ServiceModel): string;
  error(error: AwsError, context: Answered): AwsResponse;
}

const json: DocumentFormat = {
  contentType: 'application/json',
  read: (schema, text) => fromJson(schema, parseJson(text)),
  write: (schema, value) => JSON.stringify(toJson(schema, value)),
  error: (error, { service }) => jsonError(error, service, 'application/json'),
};

const xml: DocumentFormat = {
  contentType: 'application/xml',
  read: parseXmlBody,
  write(schema, value, service) {
    const name = schema.getMergedTraits().xmlName ?? schema.getName() ?? 'Response';
    const body = toXml(schema, value, name).replace(`<${name}`, `<${name} xmlns="${service.xmlNamespace}"`);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
  },
  error(error, { service, request }) {
    const status = service.error(error.name).status ?? error.status;
    const detail = `<Code>${error.name}</Code><Message>${escapeXml(error.message)}</Message><Resource>${escapeXml(request.path)}</Resource>`;
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${detail}<RequestId>${request.id}</RequestId></Error>`;
    return { status, headers: { 'content-type': 'application/xml' }, body: status === 304 ? '' : body };
  },
};

export const restJsonCodec: ProtocolCodec = restCodec(json);
export const restXmlCodec: ProtocolCodec = restCodec(xml);

/** REST protocols: the operation by method and path, members in path, query, headers or body as the schema binds them. */
function restCodec(format: DocumentFormat): ProtocolCodec {
  return {
    operation(request, service) {
      const match = matchRoute(service, request);
      if (!match) throw notAllowed(request, service);
      labelsOf.set(request, match.labels);
      return match.operation.name;
    },
    input: (request, operation) => readInput(request, operation, format),
    output: (operation, output, { service }) => writeOutput(operation, output, { format, service }),
    error: format.error,
  };
}

const labelsOf = new WeakMap<AwsRequest, Readonly<Record<string, string>>>();

function notAllowed(request: AwsRequest, service: ServiceModel): AwsError {
  if (service.protocol === 'restJson1') {
    return new AwsError('UnknownOperationException', `${request.method} ${request.path}`, { status: 404 });
  }
  const message = 'The specified method is not allowed against this resource.';
  return new AwsError('MethodNotAllowed', message, { status: 405 });
}

async function readInput(request: AwsRequest, operation: OperationModel, format: DocumentFormat): Promise<Shape> {
  const input: Record<string, unknown> = {};
  let inBody = members(operation.input).length > 0;
  for (const [name, member] of members(operation.input)) {
    if (member.getMergedTraits().httpPayload) {
      inBody = false;
      input[name] = await readPayload(request, member, format);
    } else {
      const value = readBound(request, name, member);
      if (value !== undefined) input[name] = value;
    }
  }
  if (!inBody) return input;
  const body = await request.bytes();
  return body.length > 0 ? { ...(format.read(operation.input, body.toString()) as Shape), ...input } : input;
}

async function readPayload(request: AwsRequest, member: NormalizedSchema, format: DocumentFormat): Promise<unknown> {
  if (member.isStreaming()) return request.stream();
  const body = await request.bytes();
  if (member.isBlobSchema()) return body;
  if (member.isStringSchema()) return body.toString();
  return body.length > 0 ? format.read(member, body.toString()) : undefined;
}

function readBound(request: AwsRequest, name: string, member: NormalizedSchema): unknown {
  const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders } = member.getMergedTraits();
  if (httpLabel) return labelsOf.get(request)?.[name];
  if (httpPrefixHeaders) return prefixedHeaders(request, httpPrefixHeaders.toLowerCase());
  if (httpQuery) {
    if (!request.query.has(httpQuery)) return undefined;
    if (member.isListSchema()) return request.query.getAll(httpQuery);
    return readText(member, request.query.get(httpQuery) ?? '', name);
  }
  const header = httpHeader ? request.headers[httpHeader.toLowerCase()] : undefined;
  if (header === undefined) return undefined;
  return member.isListSchema() ? header.split(',').map((item) => item.trim()) : readText(member, header, name);
}

function prefixedHeaders(request: AwsRequest, prefix: string): Shape {
  const entries = Object.entries(request.headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

interface Writer {
  readonly format: DocumentFormat;
  readonly service: ServiceModel;
}

function writeOutput(operation: OperationModel, output: Shape, writer: Writer): AwsResponse {
  const headers: Record<string, string> = {};
  const document: Record<string, unknown> = {};
  let status = operation.http?.status ?? 200;
  let body: AwsResponse['body'] | undefined;
  let hasDocument = false;
  for (const [name, member] of members(operation.output)) {
    const { httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode } = member.getMergedTraits();
    const value = output[name] ?? undefined;
    if (httpPayload) body = writePayload(member, value, writer);
    else if (httpResponseCode) status = Number(value ?? status);
    else if (httpPrefixHeaders) Object.assign(headers, prefixHeaders(httpPrefixHeaders, value as Shape | undefined));
    else if (httpHeader)
      Object.assign(headers, value === undefined ? {} : { [httpHeader.toLowerCase()]: headerText(member, value) });
    else {
      hasDocument = true;
      document[name] = value;
    }
  }
  if (headers['content-range']) status = 206;
  if (body === undefined && hasDocument) body = writer.format.write(operation.output, document, writer.service);
  if (body !== undefined) {
    headers['content-type'] ??= typeof body === 'string' ? writer.format.contentType : 'application/octet-stream';
  }
  return { status, headers, body: body ?? '' };
}

function writePayload(member: NormalizedSchema, value: unknown, { format, service }: Writer): AwsResponse['body'] {
  if (value === undefined) return '';
  if (member.isStructSchema()) return format.write(member, value as Shape, service);
  return value as AwsResponse['body'];
}

function prefixHeaders(prefix: string, values: Shape = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, encodeWord(String(value))]));
}

function headerText(member: NormalizedSchema, value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(',');
  return encodeWord(writeText(member, value, 'http-date'));
}

/** A header can only carry Latin-1; S3 writes everything else as an RFC 2047 encoded word. */
function encodeWord(text: string): string {
  return /^[\t\x20-\xff]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}
