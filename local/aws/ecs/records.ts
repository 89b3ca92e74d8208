import type * as sdk from '@aws-sdk/client-ecs';
import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../kit/service.ts';
import type { ShiftStage } from './shifting.ts';

/** Times are milliseconds since the epoch here and become dates when described. */
export interface ClusterRecord {
  readonly name: string;
  readonly settings: sdk.ClusterSetting[];
  readonly configuration?: sdk.ClusterConfiguration;
  readonly capacityProviders: string[];
  readonly defaultCapacityProviderStrategy: sdk.CapacityProviderStrategyItem[];
  readonly tags: sdk.Tag[];
}

export interface TaskDefinitionRecord {
  readonly family: string;
  readonly revision: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly registeredAt: number;
  readonly deregisteredAt?: number;
  /** What was registered: everything but the members above. */
  readonly definition: Omit<
    sdk.TaskDefinition,
    'registeredAt' | 'deregisteredAt' | 'taskDefinitionArn' | 'family' | 'revision' | 'status'
  >;
  readonly tags: sdk.Tag[];
}

export interface DeploymentRecord {
  readonly id: string;
  readonly status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  readonly taskDefinitionArn: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly failedTasks: number;
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly rolloutStateReason: string;
  /** Target groups of its tasks, where requests are shifted between two; absent: those of the service. */
  readonly targetGroups?: readonly string[];
}

/** A canary or blue/green deployment: requests move from one deployment (`source`) to another. */
export interface ShiftRecord {
  readonly id: string;
  readonly cluster: string;
  readonly service: string;
  readonly source: string;
  readonly target: string;
  readonly sourceGroups: readonly string[];
  readonly targetGroups: readonly string[];
  /** The old side ran when it began; one that did not is not started for its last minutes. */
  readonly hadTasks: boolean;
  readonly status: 'IN_PROGRESS' | 'SUCCESSFUL' | 'STOPPED' | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_SUCCESSFUL';
  readonly reason: string;
  readonly stage: ShiftStage;
  readonly stageSince: number;
  /** Share of the requests that the target gets. */
  readonly percent: number;
  readonly createdAt: number;
  readonly finishedAt?: number;
}

export interface ServiceRecord {
  readonly name: string;
  readonly cluster: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly desiredCount: number;
  readonly taskDefinitionArn: string;
  readonly createdAt: number;
  /** Newest first; the first is PRIMARY. */
  readonly deployments: readonly DeploymentRecord[];
  readonly events: readonly { readonly id: string; readonly createdAt: number; readonly message: string }[];
  /** Members of CreateService that are told as they were given. */
  readonly settings: ServiceSettings;
  readonly tags: sdk.Tag[];
}

export type ServiceSettings = Pick<
  sdk.CreateServiceRequest,
  | 'loadBalancers'
  | 'networkConfiguration'
  | 'deploymentConfiguration'
  | 'healthCheckGracePeriodSeconds'
  | 'launchType'
  | 'capacityProviderStrategy'
  | 'platformVersion'
  | 'propagateTags'
  | 'enableECSManagedTags'
  | 'enableExecuteCommand'
  | 'deploymentController'
  | 'schedulingStrategy'
  | 'serviceRegistries'
  | 'availabilityZoneRebalancing'
>;

export interface TaskRecord {
  readonly id: string;
  readonly cluster: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  /** Deployment id, or who called RunTask. */
  readonly startedBy: string;
  readonly lastStatus: 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'STOPPED';
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly stoppingAt?: number;
  readonly stoppedAt?: number;
  readonly stopCode?: sdk.TaskStopCode;
  readonly stoppedReason?: string;
  readonly exitCode?: number;
  readonly containerReason?: string;
  /** Where the container listens, once it runs. */
  readonly port?: number;
  readonly targetGroups?: readonly string[];
  readonly overrides?: sdk.TaskOverride;
  readonly launchType?: string;
  readonly tags: sdk.Tag[];
}

/** All that ECS knows; everything survives a restart of the local cloud. */
export interface EcsRecords {
  readonly clusters: Table<ClusterRecord>;
  readonly taskDefinitions: Table<TaskDefinitionRecord>;
  readonly services: Table<ServiceRecord>;
  readonly tasks: Table<TaskRecord>;
  readonly shifts: Table<ShiftRecord>;
  /** The next revision of a family: never one that was used before, deleted or not. */
  nextRevision(family: string): number;
}

export interface Table<Value> {
  find(...key: readonly string[]): Value | undefined;
  list(...prefix: readonly string[]): Value[];
  save(value: Value): Value;
  remove(value: Value): void;
}

export function openRecords(cloud: Cloud): EcsRecords {
  const revisions = cloud.store.collection<number>('ecs/revisions');
  const table = <Value>(name: string, keyOf: (value: Value) => readonly string[]): Table<Value> => {
    const collection = cloud.store.collection<Value>(`ecs/${name}`);
    const join = (key: readonly string[]): string => key.join('/');
    return {
      find: (...key) => collection.get(join(key)),
      list: (...prefix) => collection.entries(prefix.length === 0 ? '' : `${join(prefix)}/`).map(([, value]) => value),
      save(value) {
        collection.set(join(keyOf(value)), value);
        return value;
      },
      remove: (value) => void collection.delete(join(keyOf(value))),
    };
  };
  return {
    clusters: table('clusters', ({ name }) => [name]),
    taskDefinitions: table('task-definitions', ({ family, revision }) => [family, String(revision).padStart(8, '0')]),
    services: table('services', ({ cluster, name }) => [cluster, name]),
    tasks: table('tasks', ({ cluster, id }) => [cluster, id]),
    shifts: table('service-deployments', ({ cluster, service, id }) => [cluster, service, id]),
    nextRevision(family) {
      const next = (revisions.get(family) ?? 0) + 1;
      revisions.set(family, next);
      return next;
    },
  };
}

export function clientException(message: string): AwsError {
  return new AwsError('ClientException', message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
