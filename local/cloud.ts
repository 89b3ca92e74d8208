import type { Store } from './state/store.ts';

/** Addresses of the local cloud's doors, all on 127.0.0.1, without a trailing slash. */
export interface Endpoints {
  /** Every AWS API (`AWS_ENDPOINT_URL`). */
  readonly aws: string;
  /** OCI registry behind ECR, as `127.0.0.1:port`. */
  readonly registry: string;
  /** GitHub REST API, OIDC issuer and git. */
  readonly github: string;
  readonly sentry: string;
  /** Front door: stands for DNS, finds the load balancer by host name. */
  readonly web: string;
  /** gRPC address of the Terraform provider, as `127.0.0.1:port`. */
  readonly terraform: string;
}

export type CloudEvent = { readonly source: string; readonly message: string; readonly [detail: string]: unknown };

/** What every part of the local cloud is given. */
export interface Cloud {
  /** Folder of this local cloud (`SLIPWAY_HOME`): state, registry blobs, unpacked images, logs. */
  readonly home: string;
  readonly accountId: string;
  readonly region: string;
  readonly store: Store;
  readonly endpoints: Endpoints;
  /** Milliseconds since the epoch. */
  now(): number;
  log(event: CloudEvent): void;
  /**
   * The in-process door to the AWS stand-ins, same input and output shapes as the SDK. The Terraform provider uses it, so that
   * what Terraform created is what the SDK describes. Throws `AwsError` as the service would answer it.
   */
  invoke<Output = Record<string, unknown>>(service: string, operation: string, input: object): Promise<Output>;
}
