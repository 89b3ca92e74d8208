import type { Cloud } from '../../../local/cloud.ts';
import {
  clusterName,
  hostName,
  LIVE_ALIAS,
  ledgerTableName,
  logGroupName,
  type Project,
  repositoryName,
  serviceName,
  templateParameter,
} from '../../../pipeline/manifest/names.ts';
import type { Kind } from '../../../pipeline/manifest/types.ts';
import type { FunctionTemplate, JobTemplate, ServiceTemplate, Template } from '../../../pipeline/release/template.ts';
import type { ImagesByBuild } from './images.ts';

export interface ServiceSpec {
  readonly service: string;
  readonly kind: Kind;
}

interface Place {
  readonly cloud: Cloud;
  readonly project: Project;
  readonly environment: string;
  readonly images: ImagesByBuild;
}

/** What Terraform leaves behind: everything a release needs, and no release. */
export async function provision(place: Place, services: readonly ServiceSpec[]): Promise<void> {
  const { cloud, project, environment } = place;
  await cloud.invoke('dynamodb', 'CreateTable', {
    TableName: ledgerTableName(project.app),
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['environment', 'item'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'environment', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
  });
  await cloud.invoke('ecs', 'CreateCluster', { clusterName: clusterName(environment) });
  await cloud.invoke('logs', 'CreateLogGroup', { logGroupName: logGroupName(project.app, environment) });
  const listener = await createBalancer(place);
  for (const [index, spec] of services.entries()) {
    const template = await createService(place, { spec, listener, priority: index + 1 });
    await cloud.invoke('ssm', 'PutParameter', {
      Name: templateParameter(project.app, environment, spec.service),
      Type: 'String',
      Value: JSON.stringify(template),
    });
  }
}

async function createBalancer({ cloud, environment }: Place): Promise<string> {
  const { LoadBalancers } = await cloud.invoke<{ LoadBalancers: [{ LoadBalancerArn: string }] }>(
    'elasticloadbalancing',
    'CreateLoadBalancer',
    { Name: environment },
  );
  const { Listeners } = await cloud.invoke<{ Listeners: [{ ListenerArn: string }] }>(
    'elasticloadbalancing',
    'CreateListener',
    {
      LoadBalancerArn: LoadBalancers[0].LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    },
  );
  return Listeners[0].ListenerArn;
}

interface Wanted {
  readonly spec: ServiceSpec;
  readonly listener: string;
  readonly priority: number;
}

async function createService(place: Place, wanted: Wanted): Promise<Template> {
  switch (wanted.spec.kind) {
    case 'function':
      return createFunction(place, wanted);
    case 'job':
      return { ...common(place, wanted.spec), ...jobSettings(place, wanted.spec) };
    default:
      return createEcs(place, wanted);
  }
}

const common = ({ cloud, project }: Place, { service, kind }: ServiceSpec) => ({
  service,
  repositoryUrl: `${cloud.endpoints.registry}/${repositoryName(project.app, service)}`,
  checks:
    kind === 'web' || kind === 'function'
      ? [{ name: `${service} answers`, path: `/${service}`, expect: { status: 200, json: { answer: { equals: 42 } } } }]
      : [],
});

const taskDefinition = (
  { project, environment }: Place,
  { service, kind }: ServiceSpec,
): ServiceTemplate['taskDefinition'] => ({
  family: serviceName(environment, service),
  cpu: '256',
  memory: '512',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
  taskRoleArn: 'arn:aws:iam::000000000000:role/task',
  runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
  containerDefinitions: [
    {
      name: service,
      environment: [],
      ...(kind === 'web' ? { portMappings: [{ containerPort: 8080 }] } : {}),
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': logGroupName(project.app, environment),
          'awslogs-region': project.region,
          'awslogs-stream-prefix': service,
        },
      },
    },
  ],
});

function jobSettings(place: Place, spec: ServiceSpec): Omit<JobTemplate, keyof ReturnType<typeof common>> {
  return {
    kind: 'job',
    cluster: clusterName(place.environment),
    taskDefinition: taskDefinition(place, spec),
    subnetIds: ['subnet-1'],
    securityGroupIds: ['sg-1'],
  };
}

async function createEcs(place: Place, { spec, listener, priority }: Wanted): Promise<ServiceTemplate> {
  const { cloud, environment, images } = place;
  const { service, kind } = spec;
  const name = serviceName(environment, service);
  const settings = common(place, spec);
  const template = taskDefinition(place, spec);
  const [container] = template.containerDefinitions;
  const targetGroupArn = kind === 'web' ? await createTargetGroup(place, { spec, listener, priority }) : undefined;
  // Terraform creates the service from the bootstrap image, under a family of its own, with no tasks.
  const { taskDefinition: first } = await cloud.invoke<{ taskDefinition: { taskDefinitionArn: string } }>(
    'ecs',
    'RegisterTaskDefinition',
    {
      ...template,
      family: `${name}-bootstrap`,
      containerDefinitions: [{ ...container, image: `${settings.repositoryUrl}@${images.a[service]?.digest}` }],
    },
  );
  await cloud.invoke('ecs', 'CreateService', {
    cluster: clusterName(environment),
    serviceName: name,
    taskDefinition: first.taskDefinitionArn,
    desiredCount: 0,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
    ...(targetGroupArn === undefined
      ? {}
      : {
          loadBalancers: [{ targetGroupArn, containerName: service, containerPort: 8080 }],
          healthCheckGracePeriodSeconds: 60,
        }),
  });
  return {
    ...settings,
    kind: kind === 'worker' ? 'worker' : 'web',
    cluster: clusterName(environment),
    serviceName: name,
    desiredCount: kind === 'web' ? 2 : 1,
    taskDefinition: template,
    ...(targetGroupArn === undefined ? {} : { targetGroupArn }),
  };
}

async function createTargetGroup(place: Place, { spec, listener, priority }: Wanted): Promise<string> {
  const { cloud, environment } = place;
  const isFunction = spec.kind === 'function';
  const { TargetGroups } = await cloud.invoke<{ TargetGroups: [{ TargetGroupArn: string }] }>(
    'elasticloadbalancing',
    'CreateTargetGroup',
    {
      Name: serviceName(environment, spec.service),
      ...(isFunction
        ? { TargetType: 'lambda' }
        : {
            TargetType: 'ip',
            Protocol: 'HTTP',
            Port: 8080,
            HealthCheckPath: '/health',
            HealthCheckIntervalSeconds: 5,
            HealthyThresholdCount: 2,
          }),
    },
  );
  await cloud.invoke('elasticloadbalancing', 'CreateRule', {
    ListenerArn: listener,
    Priority: priority,
    Conditions: [
      { Field: 'host-header', Values: [hostName(place.project, environment)] },
      { Field: 'path-pattern', Values: [`/${spec.service}`, `/${spec.service}/*`] },
    ],
    Actions: [{ Type: 'forward', TargetGroupArn: TargetGroups[0].TargetGroupArn }],
  });
  return TargetGroups[0].TargetGroupArn;
}

async function createFunction(place: Place, wanted: Wanted): Promise<FunctionTemplate> {
  const { cloud, environment, images } = place;
  const { service } = wanted.spec;
  const functionName = serviceName(environment, service);
  const settings = common(place, wanted.spec);
  await cloud.invoke('lambda', 'CreateFunction', {
    FunctionName: functionName,
    PackageType: 'Image',
    Code: { ImageUri: `${settings.repositoryUrl}@${images.a[service]?.digest}` },
    Role: 'arn:aws:iam::000000000000:role/task',
    Publish: true,
    Timeout: 10,
  });
  const { AliasArn } = await cloud.invoke<{ AliasArn: string }>('lambda', 'CreateAlias', {
    FunctionName: functionName,
    Name: LIVE_ALIAS,
    FunctionVersion: '1',
  });
  const group = await createTargetGroup(place, wanted);
  await cloud.invoke('lambda', 'AddPermission', {
    FunctionName: functionName,
    Qualifier: LIVE_ALIAS,
    StatementId: 'alb',
    Action: 'lambda:InvokeFunction',
    Principal: 'elasticloadbalancing.amazonaws.com',
  });
  await cloud.invoke('elasticloadbalancing', 'RegisterTargets', { TargetGroupArn: group, Targets: [{ Id: AliasArn }] });
  return { ...settings, kind: 'function', functionName, alias: LIVE_ALIAS, configuration: 'one' };
}
