import { createHash } from 'node:crypto';
import { serviceEnvironment } from '../../pipeline/manifest/environment.ts';
import { LIVE_ALIAS, logGroupName, serviceName } from '../../pipeline/manifest/names.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import type { FunctionTemplate } from '../../pipeline/release/template.ts';
import { Construct, LambdaAlias, LambdaFunction } from '../cdktf.ts';
import type { EnvironmentSettings } from '../environments.ts';
import { environmentVariables, type ServiceInput } from '../service-environment.ts';
import { connectCallers } from './function-callers.ts';
import type { ServiceRole } from './role.ts';
import type { Target } from './target.ts';

interface FunctionProperties {
  readonly manifest: Manifest;
  readonly input: ServiceInput;
  readonly role: ServiceRole;
  readonly keyArn: string;
  readonly repositoryUrl: string;
  readonly image: string;
  readonly settings: EnvironmentSettings;
  /** Where the load balancer finds it; undefined for one with a trigger. */
  readonly target?: Target;
  /** Queue of asynchronous invocations that failed. */
  readonly deadLetterArn: string;
}

/** A Lambda function. Whoever calls it goes through the alias, which only a release moves. */
export class LambdaService extends Construct {
  readonly template: FunctionTemplate;

  constructor(scope: Construct, id: string, properties: FunctionProperties) {
    super(scope, id);
    const { manifest, input, repositoryUrl } = properties;
    const { lambda, configuration } = createFunction(this, properties);
    const alias = new LambdaAlias(this, 'live', {
      name: LIVE_ALIAS,
      functionName: lambda.functionName,
      functionVersion: '$LATEST',
      lifecycle: { ignoreChanges: ['function_version', 'routing_config'] },
    });
    connectCallers(this, alias, properties);
    this.template = {
      service: manifest.name,
      kind: 'function',
      repositoryUrl,
      checks: manifest.checks ?? [],
      functionName: serviceName(input.environment, manifest.name),
      alias: LIVE_ALIAS,
      logGroup: logGroupName(input.project.app, input.environment),
      ...tried(properties),
      configuration: createHash('sha256').update(configuration).digest('hex'),
    };
  }
}

/** Previews take over at once and keep nothing ready. */
const tried = ({ manifest: { rollout, provisionedConcurrency, after }, input }: FunctionProperties) => ({
  ...(after === undefined ? {} : { after }),
  ...(input.preview !== undefined || rollout === undefined ? {} : { rollout }),
  ...(input.preview !== undefined || provisionedConcurrency === undefined ? {} : { provisionedConcurrency }),
});

function createFunction(scope: Construct, properties: FunctionProperties) {
  const { manifest, input, role, keyArn, image, settings, deadLetterArn } = properties;
  const { project, manifests, environment } = input;
  const variables = environmentVariables(manifest, input);
  const configuration = {
    memorySize: manifest.memory,
    timeout: manifest.timeout,
    architectures: [project.architecture ?? 'arm64'],
    loggingConfig: { logFormat: 'JSON', logGroup: logGroupName(project.app, environment) },
    tracingConfig: { mode: 'Active' },
  };
  const lambda = new LambdaFunction(scope, 'function', {
    functionName: serviceName(environment, manifest.name),
    description: manifest.description,
    packageType: 'Image',
    imageUri: image,
    role: role.arn,
    kmsKeyArn: keyArn,
    publish: false,
    environment: { variables: { ...variables } },
    deadLetterConfig: { targetArn: deadLetterArn },
    ...(settings.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: settings.reservedConcurrency }),
    ...configuration,
    lifecycle: { ignoreChanges: ['image_uri'] },
  });
  // What stands for a value of Terraform's is numbered anew in every synthesis, so only what is known now may count.
  const known = { ...configuration, environment: serviceEnvironment(manifest, manifests, input) };
  return { lambda, configuration: JSON.stringify(known) };
}
