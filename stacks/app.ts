import { allOwned } from '../pipeline/manifest/access.ts';
import { hostName } from '../pipeline/manifest/names.ts';
import { type Construct, DataAwsRoute53Zone } from './cdktf.ts';
import { Api } from './constructs/api.ts';
import { type ApiSettings, environmentSettings } from './environments.ts';
import { readParameter } from './parameters.ts';
import type { ServiceInput } from './service-environment.ts';
import { addServices } from './services.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

/** The services of staging or production, and the API in front of them for programs. */
export class AppStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-app`, input);
    const queueUrls = allOwned(input.manifests, 'queue').map(
      ({ name }) => [name, readParameter(this, input, `queue/${name}`)] as const,
    );
    addApp(this, { ...input, queueUrls: new Map(queueUrls) });
  }
}

/** All that runs in an environment; a full preview has it in one stack with its data. */
export function addApp(scope: Construct, input: ServiceInput): void {
  addServices(scope, input);
  const { api, logRetentionDays } = environmentSettings(input);
  if (api !== undefined) addApi(scope, input, { settings: api, logRetentionDays });
}

interface ApiDetails {
  readonly settings: ApiSettings;
  readonly logRetentionDays: number;
}

function addApi(scope: Construct, input: StackInput, { settings, logRetentionDays }: ApiDetails): void {
  const { project, environment } = input;
  const host = hostName(project, environment);
  new Api(scope, 'api', {
    name: `${project.app}-${environment}`,
    upstream: `https://${host}`,
    host: `api.${host}`,
    zoneId: new DataAwsRoute53Zone(scope, 'zone', { name: project.domain }).zoneId,
    userPoolArn: readParameter(scope, input, 'user-pool-arn'),
    webAclArn: readParameter(scope, { ...input, environment: 'account' }, 'web-acl-arn'),
    keyArn: readParameter(scope, input, 'key-arn'),
    logRetentionDays,
    settings,
  });
}
