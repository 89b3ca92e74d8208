import { allOwned } from '../pipeline/manifest/access.ts';
import { hostName } from '../pipeline/manifest/names.ts';
import { type Construct, DataAwsRoute53Zone } from './cdktf.ts';
import { Api } from './constructs/api.ts';
import { type ApiSettings, environmentSettings } from './environments.ts';
import { readParameter } from './parameters.ts';
import { addServices } from './services.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

/** The services of staging or production, and the API in front of them for programs. */
export class AppStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-app`, input);
    const queueUrls = allOwned(input.manifests, 'queue').map(
      ({ name }) => [name, readParameter(this, input, `queue/${name}`)] as const,
    );
    addServices(this, { ...input, queueUrls: new Map(queueUrls) });
    const { api, logRetentionDays } = environmentSettings(input);
    if (api !== undefined) this.addApi(api, logRetentionDays);
  }

  private addApi(settings: ApiSettings, logRetentionDays: number): void {
    const { project, environment } = this.input;
    const host = hostName(project, environment);
    new Api(this, 'api', {
      name: `${project.app}-${environment}`,
      upstream: `https://${host}`,
      host: `api.${host}`,
      zoneId: new DataAwsRoute53Zone(this, 'zone', { name: project.domain }).zoneId,
      userPoolArn: readParameter(this, this.input, 'user-pool-arn'),
      webAclArn: readParameter(this, { ...this.input, environment: 'account' }, 'web-acl-arn'),
      keyArn: readParameter(this, this.input, 'key-arn'),
      logRetentionDays,
      settings,
    });
  }
}
