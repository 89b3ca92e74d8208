import { serviceSecrets } from '../pipeline/manifest/environment.ts';
import {
  BOOTSTRAP_TAG,
  hostEnvironment,
  isPreview,
  serviceName,
  templateParameter,
} from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import type { Template } from '../pipeline/release/template.ts';
import { createArns } from './arns.ts';
import { boundaryName } from './boundaries.ts';
import { Construct, SsmParameter } from './cdktf.ts';
import { LambdaService } from './constructs/function.ts';
import { Job } from './constructs/job.ts';
import type { Statement } from './constructs/policy.ts';
import { ServiceRole } from './constructs/role.ts';
import { Service } from './constructs/service.ts';
import { shifts, Target } from './constructs/target.ts';
import { environmentSettings } from './environments.ts';
import { readParameter } from './parameters.ts';
import { type PlatformValues, readPlatform } from './platform-values.ts';
import { addPreviewEntrance, addPreviewRules } from './preview-rules.ts';
import type { ServiceInput } from './service-environment.ts';
import { executionStatements, functionStatements, taskStatements } from './service-policy.ts';
import { shiftStatements } from './shift-statements.ts';
import { deployedServices, type StackInput } from './stack.ts';
import { taskDefinitionTemplate } from './task-definition.ts';
import { createDeadLetters, watch } from './watching.ts';

/** Every service of an environment, and its template for the releases. The same for staging, production and previews. */
export function addServices(scope: Construct, input: ServiceInput): void {
  const platform = readPlatform(scope, input);
  const secrets = readSecrets(scope, input);
  const deadLetterArn = createDeadLetters(scope, input, platform);
  const services = deployedServices(input).map(
    (manifest) => new DeployedService(scope, manifest.name, { manifest, input, platform, secrets, deadLetterArn }),
  );
  if (environmentSettings(input).serviceAlarms) watch(scope, input, services);
  if (input.environment === 'staging') addPreviewEntrance(scope, input, services);
  if (input.preview !== undefined) addPreviewRules(scope, input, services);
}

interface Properties {
  readonly manifest: Manifest;
  readonly input: ServiceInput;
  readonly platform: PlatformValues;
  /** Physical name of every secret -> its ARN. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Queue of invocations and starts that failed. */
  readonly deadLetterArn: string;
}

const ROLES = {
  task: (name: string) => `What ${name} may do`,
  execution: (name: string) => `What it takes to start ${name}`,
  shift: (name: string) => `Moves requests between two releases of ${name}`,
} as const;

class DeployedService extends Construct {
  readonly name: string;
  /** Where the load balancer finds it; undefined for what has no routes. */
  target?: Target;
  readonly manifest: Manifest;
  readonly input: ServiceInput;
  private readonly properties: Properties;

  constructor(scope: Construct, id: string, properties: Properties) {
    super(scope, id);
    this.properties = properties;
    const { manifest, input } = properties;
    this.name = manifest.name;
    this.manifest = manifest;
    this.input = input;
    const template = this.createTemplate();
    new SsmParameter(this, 'template', {
      name: templateParameter(input.project.app, input.environment, manifest.name),
      type: 'String',
      // The checks alone may take more than the 4 KB of a standard parameter.
      tier: 'Intelligent-Tiering',
      insecureValue: JSON.stringify(template),
    });
  }

  private createTemplate(): Template {
    const { manifest, input, platform, deadLetterArn } = this.properties;
    const settings = environmentSettings(input);
    const repositoryUrl = readParameter(this, { ...input, environment: 'account' }, `repository/${manifest.name}`);
    const common = { manifest, input, settings, platform, repositoryUrl, image: `${repositoryUrl}:${BOOTSTRAP_TAG}` };
    if (manifest.kind === 'job') {
      const { boundary } = this;
      const taskDefinition = this.createTaskDefinition();
      return new Job(this, 'job', { ...common, deadLetterArn, boundary, taskDefinition }).template;
    }
    if (manifest.kind === 'function') {
      const role = this.createRole('task', 'lambda.amazonaws.com', functionStatements(manifest, input, deadLetterArn));
      const target = manifest.routes === undefined ? {} : { target: this.createTarget(common) };
      const { keyArn } = platform;
      return new LambdaService(this, 'function', { ...common, ...target, role, keyArn, deadLetterArn }).template;
    }
    const target = manifest.kind === 'web' ? { target: this.createTarget(common) } : {};
    const taskDefinition = this.createTaskDefinition();
    return new Service(this, 'service', {
      ...common,
      ...target,
      ...(shifts(common)
        ? {
            shiftRoleArn: this.createRole(
              'shift',
              'ecs.amazonaws.com',
              shiftStatements(input.project, hostEnvironment(input.environment)),
            ).arn,
          }
        : {}),
      manifest: { ...manifest, kind: manifest.kind },
      taskDefinition,
    }).template;
  }

  private createTarget(
    common: Pick<ConstructorParameters<typeof Target>[2], 'manifest' | 'input' | 'settings'>,
  ): Target {
    this.target = new Target(this, 'target', { ...common, ...this.properties.platform });
    return this.target;
  }

  private createTaskDefinition() {
    const { manifest, input, secrets } = this.properties;
    const ecs = 'ecs-tasks.amazonaws.com';
    return taskDefinitionTemplate({
      manifest,
      input,
      taskRoleArn: this.createRole('task', ecs, taskStatements(manifest, input)).arn,
      executionRoleArn: this.createRole('execution', ecs, executionStatements(manifest, input)).arn,
      secrets: Object.fromEntries(
        Object.entries(serviceSecrets(manifest, input.environment, input.project)).map(([variable, name]) => [
          variable,
          secrets.get(name) ?? '',
        ]),
      ),
    });
  }

  private createRole(part: keyof typeof ROLES, service: string, statements: readonly Statement[]): ServiceRole {
    const { manifest, input } = this.properties;
    const name = serviceName(input.environment, manifest.name);
    return new ServiceRole(this, `${part}-role`, {
      name: `${input.project.app}-${name}-${part}`,
      description: ROLES[part](name),
      service,
      accountId: input.project.accountId,
      boundary: this.boundary,
      statements,
    });
  }

  private get boundary(): string {
    const { project, environment } = this.properties.input;
    return createArns(project).policy(boundaryName(project.app, isPreview(environment) ? 'preview' : environment));
  }
}

/** A task definition needs the whole ARN of a secret, with the characters that Secrets Manager added. */
function readSecrets(scope: Construct, input: StackInput): Map<string, string> {
  const environment = hostEnvironment(input.environment);
  const prefix = input.preview === undefined ? 'secret' : 'preview-secret';
  const physical = deployedServices(input)
    .filter(({ kind }) => kind !== 'function')
    .flatMap((manifest) =>
      Object.entries(serviceSecrets(manifest, input.environment, input.project)).map(([variable, name]) => ({
        secret: manifest.secrets?.[variable] ?? '',
        name,
      })),
    );
  const names = new Map(physical.map(({ secret, name }) => [name, secret]));
  return new Map(
    [...names].map(([name, secret]) => [name, readParameter(scope, { ...input, environment }, `${prefix}/${secret}`)]),
  );
}
