import { logGroupName, serviceName } from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import type { TaskDefinitionTemplate } from '../pipeline/release/template.ts';
import { environmentVariables, type ServiceInput } from './service-environment.ts';

interface Parts {
  readonly manifest: Manifest;
  readonly input: ServiceInput;
  readonly taskRoleArn: string;
  readonly executionRoleArn: string;
  /** Environment variable -> ARN of the secret. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** A user that is not root; images are built so that it can run the service. */
const USER = '1000';
const STOP_SECONDS = 30;

/** The task definition of a service without its image: Terraform adds a placeholder, a release adds the digest. */
export function taskDefinitionTemplate(parts: Parts): TaskDefinitionTemplate {
  const { manifest, input, taskRoleArn, executionRoleArn } = parts;
  return {
    family: serviceName(input.environment, manifest.name),
    cpu: String(manifest.cpu),
    memory: String(manifest.memory),
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    executionRoleArn,
    taskRoleArn,
    runtimePlatform: {
      cpuArchitecture: (input.project.architecture ?? 'arm64').toUpperCase(),
      operatingSystemFamily: 'LINUX',
    },
    containerDefinitions: [container(parts)],
    volumes: [{ name: 'tmp' }],
  };
}

function container({ manifest, input, secrets }: Parts): Readonly<Record<string, unknown>> {
  const { project, environment } = input;
  return {
    name: manifest.name,
    essential: true,
    user: USER,
    readonlyRootFilesystem: true,
    privileged: false,
    // Reaps what the service's own processes leave behind.
    linuxParameters: { initProcessEnabled: true },
    stopTimeout: STOP_SECONDS,
    portMappings: manifest.port === undefined ? [] : [{ containerPort: manifest.port, protocol: 'tcp' }],
    environment: Object.entries(environmentVariables(manifest, input)).map(([name, value]) => ({ name, value })),
    secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false }],
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroupName(project.app, environment),
        'awslogs-region': project.region,
        'awslogs-stream-prefix': manifest.name,
      },
    },
  };
}
