import { fromJson, parseJson, toJson } from './json.ts';
import type { ServiceModel } from './model.ts';
import type { AwsResponse, ProtocolCodec, Shape } from './protocol.ts';
import { AwsError } from './service.ts';

/** AWS JSON 1.0 and 1.1: the operation in `X-Amz-Target`, everything else in the body. */
export const jsonCodec: ProtocolCodec = {
  operation(request) {
    const operation = request.headers['x-amz-target']?.split('.')[1];
    if (!operation) throw new AwsError('UnknownOperationException', 'The X-Amz-Target header names no operation.');
    return operation;
  },

  async input(request, operation) {
    const body = await request.bytes();
    return (fromJson(operation.input, parseJson(body.toString())) ?? {}) as Shape;
  },

  output(operation, output, { service }) {
    const body = operation.output.isUnitSchema() ? {} : toJson(operation.output, output);
    return { status: 200, headers: { 'content-type': contentType(service) }, body: JSON.stringify(body) };
  },

  error: (error, { service }) => jsonError(error, service, contentType(service)),
};

/** An error as the JSON protocols write it, REST-JSON included. */
export function jsonError(error: AwsError, service: ServiceModel, type: string): AwsResponse {
  const model = service.error(error.name);
  const details = model.schema ? (toJson(model.schema, error.details) as object) : {};
  return {
    status: model.status ?? error.status,
    headers: { 'content-type': type, 'x-amzn-errortype': error.name },
    body: JSON.stringify({ ...details, __type: error.name, message: error.message }),
  };
}

function contentType(service: ServiceModel): string {
  return service.protocol === 'awsJson1_0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
}
