import type { Template } from './template.ts';

const repositoryUrl = (service: string): string => `000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway/${service}`;

interface Wanted {
  readonly environment: string;
  readonly service: string;
  readonly kind: 'web' | 'function' | 'job';
  readonly variant: string;
}

/** What Terraform would publish for a service: its kind's least, with one variable that differs from variant to variant. */
export function makeTemplate({ environment, service, kind, variant }: Wanted): Template {
  const name = `${environment}-${service}`;
  const checks =
    kind === 'job'
      ? []
      : [
          {
            name: `${service} answers`,
            path: `/${service}`,
            expect: { status: 200, json: { answer: { equals: 42 } } },
          },
        ];
  const common = { service, repositoryUrl: repositoryUrl(service), checks };
  if (kind === 'function') return { ...common, kind, functionName: name, alias: 'live', configuration: variant };
  const taskDefinition = {
    family: name,
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
        environment: [{ name: 'VARIANT', value: variant }],
        logConfiguration: { options: { 'awslogs-group': `/slipway/${environment}`, 'awslogs-stream-prefix': service } },
      },
    ],
  } as const;
  if (kind === 'job')
    return { ...common, kind, cluster: environment, taskDefinition, subnetIds: [], securityGroupIds: [] };
  return {
    ...common,
    kind,
    cluster: environment,
    serviceName: name,
    desiredCount: 2,
    taskDefinition,
    targetGroupArn: name,
  };
}
