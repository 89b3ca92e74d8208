import type { Rollout } from '../manifest/rollout.ts';
import type { Check, Kind, Migration } from '../manifest/types.ts';

/**
 * What Terraform says about a service: everything but the image digest. The app stack (or a preview stack) publishes it as JSON in
 * the SSM parameter `templateParameter(app, environment, service)`; a release adds the digest. The template's version is the
 * SHA-256 of that JSON, so it changes exactly when Terraform changed something.
 */
export type Template = ServiceTemplate | FunctionTemplate | JobTemplate;

interface CommonTemplate {
  readonly service: string;
  readonly kind: Kind;
  /** ECR repository URL without tag or digest. */
  readonly repositoryUrl: string;
  /** Requests that prove a release; see the manifest. */
  readonly checks: readonly Check[];
  /** Services that move before this one, and go back after it. */
  readonly after?: readonly string[];
  /** Absent: rolling, or all at once for a function. */
  readonly rollout?: Rollout;
}

/** `web` and `worker`: an ECS service that Terraform created with no tasks; a release brings it to `desiredCount`. */
export interface ServiceTemplate extends CommonTemplate {
  readonly kind: 'web' | 'worker';
  readonly cluster: string;
  readonly serviceName: string;
  readonly desiredCount: number;
  /** Autoscaling ends even the last task when nothing waits for it. */
  readonly scalesToZero?: true;
  /** Run before a release that reaches its level is rolled out. */
  readonly migration?: Migration;
  readonly taskDefinition: TaskDefinitionTemplate;
  readonly targetGroupArn?: string;
  /** Canary and blue/green move tasks between this group and the other one. */
  readonly alternateTargetGroupArn?: string;
  /** Path of the health check. */
  readonly health?: string;
}

/** `function`: Terraform owns the function's configuration; a release sets its image, publishes a version, moves the alias. */
export interface FunctionTemplate extends CommonTemplate {
  readonly kind: 'function';
  readonly functionName: string;
  readonly alias: string;
  /** Hash of the configuration that Terraform gave the function, so that a change of it makes a new release. */
  readonly configuration: string;
  /** Execution environments that are kept ready behind the alias. */
  readonly provisionedConcurrency?: number;
  /** CloudWatch group of the function's log. */
  readonly logGroup?: string;
}

/** `job`: a task family; a release registers its newest revision, which is what the schedule runs. */
export interface JobTemplate extends CommonTemplate {
  readonly kind: 'job';
  readonly cluster: string;
  readonly taskDefinition: TaskDefinitionTemplate;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** Input of ecs:RegisterTaskDefinition with `image` left out of the one container. */
export interface TaskDefinitionTemplate {
  readonly family: string;
  readonly cpu: string;
  readonly memory: string;
  readonly networkMode: 'awsvpc';
  readonly requiresCompatibilities: readonly ['FARGATE'];
  readonly executionRoleArn: string;
  readonly taskRoleArn: string;
  readonly runtimePlatform: { readonly cpuArchitecture: string; readonly operatingSystemFamily: 'LINUX' };
  readonly containerDefinitions: readonly [Readonly<Record<string, unknown>>];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}
