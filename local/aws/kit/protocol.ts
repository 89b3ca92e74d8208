import type { Readable } from 'node:stream';
import type { OperationModel, ServiceModel } from './model.ts';
import type { AwsRequest } from './request.ts';
import type { AwsError } from './service.ts';

export interface AwsResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable;
}

export type Shape = Readonly<Record<string, unknown>>;

export interface Answered {
  readonly service: ServiceModel;
  readonly request: AwsRequest;
}

/** One wire protocol of AWS, seen from the server. */
export interface ProtocolCodec {
  /** Name of the operation that a request asks for; throws `AwsError` where it names none. */
  operation(request: AwsRequest, service: ServiceModel): Promise<string> | string;
  input(request: AwsRequest, operation: OperationModel): Promise<Shape>;
  output(operation: OperationModel, output: Shape, context: Answered): AwsResponse;
  error(error: AwsError, context: Answered): AwsResponse;
}
