import type { DeploymentConfiguration, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';

/** One deployment of an ECS service, as https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html has it. */
export interface EcsDeployment {
  readonly id: string;
  readonly status: string;
  readonly taskDefinition: string;
  readonly rolloutState: string;
  readonly rolloutStateReason: string;
  readonly desired: number;
  readonly running: number;
  readonly failedTasks: number;
}

export interface EcsService {
  readonly status: string;
  readonly taskDefinition: string;
  readonly desired: number;
  readonly deployments: readonly EcsDeployment[];
  /** As ECS tells it: strategy, percentages, alarms. */
  readonly deploymentConfiguration?: DeploymentConfiguration;
  /** Newest first. */
  readonly events: readonly string[];
}

export interface StoppedTask {
  readonly id: string;
  readonly taskDefinition: string;
  readonly stoppedReason: string;
  readonly exitCode?: number;
}

/** A canary or blue/green deployment as ECS tells it: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
export interface ServiceDeployment {
  readonly arn: string;
  /** PENDING, IN_PROGRESS, SUCCESSFUL, STOP_REQUESTED, STOPPED, ROLLBACK_REQUESTED, _IN_PROGRESS, _SUCCESSFUL or _FAILED. */
  readonly status: string;
  readonly reason: string;
  /** SCALE_UP, PRODUCTION_TRAFFIC_SHIFT, BAKE_TIME, ... */
  readonly stage: string;
  /** Share of requests that the new revision gets. */
  readonly trafficPercent: number;
}

export type TaskDefinitionInput = RegisterTaskDefinitionCommandInput;
export interface ServiceAddress {
  readonly cluster: string;
  readonly service: string;
}

/** The calls to ECS that a rollout makes. */
export interface Ecs {
  describeService(address: ServiceAddress): Promise<EcsService | undefined>;
  updateService(
    address: ServiceAddress,
    change: { taskDefinition?: string; desiredCount?: number; deploymentConfiguration?: DeploymentConfiguration },
  ): Promise<EcsService>;
  stoppedTasks(address: ServiceAddress): Promise<readonly StoppedTask[]>;
  /** The newest canary or blue/green deployment; undefined when there is none. */
  serviceDeployment(address: ServiceAddress): Promise<ServiceDeployment | undefined>;
  /** Takes a canary or blue/green deployment back: the old revision still runs, so this takes seconds. */
  rollBackDeployment(arn: string): Promise<void>;
  /** Returns the ARN of the new revision. */
  register(input: TaskDefinitionInput): Promise<string>;
  deregister(arn: string): Promise<void>;
  /** A revision by ARN, or the newest active one by family; undefined when there is none. */
  describeTaskDefinition(name: string): Promise<RegisteredTaskDefinition | undefined>;
}

export interface RegisteredTaskDefinition {
  readonly arn: string;
  readonly active: boolean;
  /** What registering it again takes. */
  readonly input: TaskDefinitionInput;
}
