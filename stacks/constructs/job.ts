import { clusterName, serviceName } from '../../pipeline/manifest/names.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import type { JobTemplate, TaskDefinitionTemplate } from '../../pipeline/release/template.ts';
import { createArns } from '../arns.ts';
import { Construct, SchedulerSchedule } from '../cdktf.ts';
import type { EnvironmentSettings } from '../environments.ts';
import type { PlatformValues } from '../platform-values.ts';
import type { StackInput } from '../stack.ts';
import { allow, type Statement } from './policy.ts';
import { ServiceRole } from './role.ts';

interface JobProperties {
  readonly manifest: Manifest;
  readonly input: StackInput;
  readonly settings: EnvironmentSettings;
  readonly platform: PlatformValues;
  readonly repositoryUrl: string;
  readonly taskDefinition: TaskDefinitionTemplate;
  readonly boundary: string;
  /** Queue of starts that failed. */
  readonly deadLetterArn: string;
}

/**
 * A job and its schedule, which runs the newest revision of the job's family. Releases alone register revisions: one of
 * Terraform's, with its placeholder image, would be the newest after every change of the template.
 */
export class Job extends Construct {
  readonly template: JobTemplate;

  constructor(scope: Construct, id: string, properties: JobProperties) {
    super(scope, id);
    const { manifest, input, platform, repositoryUrl, taskDefinition } = properties;
    if (manifest.schedule !== undefined) schedule(this, properties, manifest.schedule);
    this.template = {
      service: manifest.name,
      kind: 'job',
      repositoryUrl,
      checks: [],
      ...(manifest.after === undefined ? {} : { after: manifest.after }),
      cluster: clusterName(input.environment),
      taskDefinition,
      subnetIds: platform.subnetIds,
      securityGroupIds: [platform.securityGroupId],
    };
  }
}

function schedule(scope: Construct, properties: JobProperties, expression: string): void {
  const { input, manifest, platform, settings, taskDefinition, boundary, deadLetterArn } = properties;
  const { project, environment } = input;
  const name = serviceName(environment, manifest.name);
  const role = new ServiceRole(scope, 'schedule-role', {
    name: `${project.app}-${name}-schedule`,
    description: `Starts ${name}`,
    service: 'scheduler.amazonaws.com',
    accountId: project.accountId,
    boundary,
    statements: startStatements(properties),
  });
  new SchedulerSchedule(scope, 'schedule', {
    name,
    scheduleExpression: expression,
    flexibleTimeWindow: { mode: 'OFF' },
    kmsKeyArn: platform.keyArn,
    target: {
      arn: platform.clusterArn,
      roleArn: role.arn,
      deadLetterConfig: { arn: deadLetterArn },
      retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 300 },
      ecsParameters: {
        taskDefinitionArn: createArns(project).taskFamily(taskDefinition.family),
        taskCount: 1,
        capacityProviderStrategy: [...settings.capacity],
        propagateTags: 'TASK_DEFINITION',
        networkConfiguration: {
          subnets: [...platform.subnetIds],
          securityGroups: [platform.securityGroupId],
          assignPublicIp: settings.nat === 'none',
        },
      },
    },
  });
}

function startStatements({ input, platform, taskDefinition, deadLetterArn }: JobProperties): Statement[] {
  const family = createArns(input.project).taskFamily(taskDefinition.family);
  return [
    allow(['ecs:RunTask'], [family, `${family}:*`], { ArnEquals: { 'ecs:cluster': platform.clusterArn } }),
    allow(['sqs:SendMessage'], [deadLetterArn]),
    allow(['iam:PassRole'], [taskDefinition.taskRoleArn, taskDefinition.executionRoleArn], {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }),
  ];
}
