import type { Rollout } from './rollout.ts';

/**
 * The service manifest: what `services/<name>/service.json` says, and the one place from which stacks, actions and the
 * local cloud learn about a service. It is data; nothing in it is ever executed.
 */

/** How a service runs. */
export const KINDS = ['web', 'worker', 'function', 'job'] as const;
export type Kind = (typeof KINDS)[number];

/** A table that a service owns. Its physical name is `<environment>-<name>`. */
export interface TableDeclaration {
  readonly name: string;
  /** Partition key attribute, always a string. */
  readonly partitionKey: string;
  /** Sort key attribute, always a string. */
  readonly sortKey?: string;
  /** Attribute that holds the expiry as epoch seconds. */
  readonly timeToLive?: string;
}

/** A bucket that a service owns. Its physical name is `<app>-<account>-<environment>-<name>`. */
export interface BucketDeclaration {
  readonly name: string;
  /** Days after which objects expire. Absent: never. */
  readonly expireAfterDays?: number;
}

/** A queue that a service owns, and the queue of what could not be processed. Its physical name is `<environment>-<name>`. */
export interface QueueDeclaration {
  readonly name: string;
  /** Times that a message is received before it counts as one that cannot be processed. Default: 5. */
  readonly deadLetterAfter?: number;
  /** Seconds that a received message is hidden from others; longer than processing takes. Default: 60. */
  readonly visibilitySeconds?: number;
  /** Topics whose messages the queue receives. */
  readonly topics?: readonly string[];
}

/** A topic that a service owns. Its physical name is `<environment>-<name>`. */
export interface TopicDeclaration {
  readonly name: string;
}

/** What a service owns. Only the owner's manifest declares a table, bucket, queue or topic. */
export interface Owns {
  readonly tables?: readonly TableDeclaration[];
  readonly buckets?: readonly BucketDeclaration[];
  readonly queues?: readonly QueueDeclaration[];
  readonly topics?: readonly TopicDeclaration[];
}

/**
 * Access to what another service (or the service itself) owns, by its name there. Of a queue, `read` is receiving and `write` is sending; a topic
 * can only be written to.
 */
export interface Use {
  readonly table?: string;
  readonly bucket?: string;
  readonly queue?: string;
  readonly topic?: string;
  readonly access: 'read' | 'write' | 'read-write';
}

/** One request that a freshly released service has to answer as expected before the release counts. */
export interface Check {
  /** A sentence for people: it is printed when the check fails. */
  readonly name: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below the environment's base URL, starting with `/`. */
  readonly path: string;
  /** JSON body. */
  readonly body?: unknown;
  readonly expect: CheckExpectation;
}

export interface CheckExpectation {
  readonly status: number;
  /** Dotted path into the JSON answer (`outputs.0.data.0`) -> what has to be there. */
  readonly json?: Readonly<Record<string, Matcher>>;
  /** Text that the body has to contain. */
  readonly contains?: string;
}

/**
 * A one-off task that brings the service's data to `level` before the code that needs it is rolled out. Levels only ever go up. It may be run again, so it
 * has to do nothing when its work is done.
 */
export interface Migration {
  /** What the image's entry point is given instead of its own arguments: `node main.mjs` runs as `node main.mjs migrate`. */
  readonly command: readonly string[];
  readonly level: number;
  /** The lowest level of code that still works with the data once this migration is done. A rollback below it is refused. */
  readonly compatibleFrom: number;
}

export type Matcher = { readonly equals: unknown } | { readonly between: readonly [number, number] };

/** Scaling by what waits in a queue. */
export interface Backlog {
  /** A queue that the worker owns or reads. */
  readonly queue: string;
  /** Messages for which one task is enough. */
  readonly perTask: number;
}

export interface Scaling {
  /** 0 for a worker with a backlog: it runs only while something waits. */
  readonly minimum: number;
  readonly maximum: number;
  /** `worker` only; without it a service scales by its CPU. */
  readonly backlog?: Backlog;
}

export const TRIGGERS = ['tokens', 'rotation'] as const;
export type Trigger = (typeof TRIGGERS)[number];

export interface Manifest {
  /** Folder name under services/; lower case letters, digits and hyphens, at most 20 characters. */
  readonly name: string;
  readonly kind: Kind;
  /** One line for tables and summaries. */
  readonly description: string;
  /** TypeScript entry point relative to the service's folder. */
  readonly entry: string;
  readonly builder: 'node' | 'dockerfile';
  /** CPU units of Fargate (1024 = one vCPU): 256, 512, 1024, 2048 or 4096. Not for a `function`: Lambda derives it from memory. */
  readonly cpu?: number;
  /** Memory in MiB. */
  readonly memory: number;
  /** Port that a `web` service listens on inside its container. */
  readonly port?: number;
  /** Path that answers 200 when the service can take traffic; `web` only. */
  readonly health?: string;
  /** Path patterns of the load balancer (`/v2/*`); `web` and `function`. */
  readonly routes?: readonly string[];
  /**
   * What calls a `function` instead of the load balancer. `tokens`: the user pool, before it issues one, which then carries what the function adds. `rotation`: Secrets
   * Manager, to renew the secrets under `rotates`.
   */
  readonly trigger?: Trigger;
  /** Name of a secret -> days after which it is renewed; with the trigger `rotation`. */
  readonly rotates?: Readonly<Record<string, number>>;
  readonly scaling?: Scaling;
  /** Seconds that a `function` or `job` may run. A job is told in SLIPWAY_TIMEOUT, because ECS does not end tasks by time. */
  readonly timeout?: number;
  /** EventBridge schedule expression (UTC); `job` only. */
  readonly schedule?: string;
  readonly owns?: Owns;
  readonly uses?: readonly Use[];
  /** The only long-lived environments that it runs in; absent: all of them, and previews. */
  readonly environments?: readonly ('staging' | 'production')[];
  /** What the pipeline lets it do besides. `wake-previews`: start previews that sleep. */
  readonly grants?: readonly 'wake-previews'[];
  /**
   * Environment variable -> name of the secret; the value comes from Secrets Manager `/<app>/<environment>/<secret>`. A `function`
   * gets `<VARIABLE>_FROM` with the secret's physical name instead and reads it itself.
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Plain, non-secret environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly checks?: readonly Check[];
  /** `web` and `worker`. */
  readonly migration?: Migration;
  /** `web` and `function`; absent: rolling. Previews always roll. */
  readonly rollout?: Rollout;
  /** Execution environments of a `function` that are kept ready. Previews keep none. */
  readonly provisionedConcurrency?: number;
  /** Services that a release moves before this one; a rollback moves them after it. */
  readonly after?: readonly string[];
  /** Files of the service's folder that go into the image beside the bundle (globs). */
  readonly assets?: readonly string[];
  /** Packages that go into the image as they are, beside the bundle, because they read files of their own; `node` builder. */
  readonly external?: readonly string[];
  /** Labels of the image, for platforms that read what a container can do from them; `node` builder. */
  readonly labels?: Readonly<Record<string, string>>;
}
