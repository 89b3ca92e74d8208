/** An error that an AWS service would answer: `name` is the error code of the API (`ResourceNotFoundException`). */
export class AwsError extends Error {
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(name: string, message: string, options: { status?: number; details?: Record<string, unknown> } = {}) {
    super(message);
    this.name = name;
    this.status = options.status ?? 400;
    this.details = options.details ?? {};
  }
}

/** One operation: SDK input shape in, SDK output shape out (Date for timestamps, Uint8Array for blobs). */
// biome-ignore lint/suspicious/noExplicitAny: inputs are typed by each service with the SDK's own input types
export type Operation = (input: any) => Promise<object> | object;

/**
 * An AWS service as the local cloud plays it. Only the operations named here are served; every other operation of the service
 * is refused by name with status 501.
 */
export interface AwsService {
  /** SigV4 signing name and key of `Cloud.invoke`: `ecs`, `lambda`, `elasticloadbalancing`, `ssm`, `dynamodb`, `s3`, ... */
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Called once after all services exist: restart what was running before the local cloud stopped. */
  start?(): Promise<void>;
  /** Called once on shutdown, before the process ends. Nothing of the service may run afterwards. */
  stop?(): Promise<void>;
}
