import { allTables, serviceAccess } from '../pipeline/manifest/access.ts';
import { bucketPlace } from '../pipeline/manifest/environment.ts';
import { hostEnvironment, logGroupName, tableName } from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { addApp } from './app.ts';
import { CloudwatchLogGroup, type Construct } from './cdktf.ts';
import { createTable } from './constructs/table.ts';
import { addData } from './data.ts';
import { environmentSettings } from './environments.ts';
import { addMessaging } from './messaging.ts';
import { readParameter } from './parameters.ts';
import { addSeeds } from './seeds.ts';
import { addServices } from './services.ts';
import { deployedServices, SlipwayStack, type StackInput } from './stack.ts';

/**
 * Everything that belongs to one pull request. Network, cluster, load balancer and key are staging's; so are the buckets and every service that it
 * does not change, unless it is full: then it has all that the data and the app stack of staging have.
 */
export class PreviewStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `preview-${input.environment}`, input);
    const { project, environment, preview } = input;
    const keyArn = readParameter(this, { project, environment: hostEnvironment(environment) }, 'key-arn');
    new CloudwatchLogGroup(this, 'log-group', {
      name: logGroupName(project.app, environment),
      retentionInDays: environmentSettings(input).logRetentionDays,
      kmsKeyId: keyArn,
    });
    if (preview?.full) addApp(this, { ...input, queueUrls: addData(this, input) });
    else this.addChanged(keyArn);
  }

  /** The services that the pull request changes, and the tables, queues and topics that they reach. */
  private addChanged(keyArn: string): void {
    const { input } = this;
    const { environment, manifests } = input;
    const settings = environmentSettings(input);
    const reached = deployedServices(input).flatMap((manifest) => serviceAccess(manifest, manifests));
    const reaches = (type: string, name: string): boolean =>
      reached.some((one) => one.type === type && one.declaration.name === name);
    for (const declaration of allTables(manifests).filter(({ name }) => reaches('table', name))) {
      createTable(this, `table-${declaration.name}`, {
        name: tableName(environment, declaration.name),
        declaration,
        keyArn,
        deletionProtection: settings.deletionProtection,
        limits: settings.tableLimits,
      });
    }
    this.seed(keyArn);
    const messaging = reached.some(({ type }) => type === 'queue' || type === 'topic');
    addServices(this, { ...input, queueUrls: messaging ? addMessaging(this, input, { keyArn }) : new Map() });
  }

  /** A bucket that its owner writes to has a part of its own in a preview, which starts with the pull request's own seeds. */
  private seed(keyArn: string): void {
    const { manifests } = this.input;
    for (const { owner, name } of ownedBuckets(deployedServices(this.input))) {
      const access = serviceAccess(owner, manifests).find(
        (one) => one.type === 'bucket' && one.declaration.name === name,
      );
      const { bucket, prefix } = bucketPlace(this.input, { name, access: access?.access ?? 'read' });
      if (prefix !== '') addSeeds(this, this.input, { name, bucket, keyArn, prefix });
    }
  }
}

const ownedBuckets = (manifests: readonly Manifest[]) =>
  manifests.flatMap((owner) => (owner.owns?.buckets ?? []).map(({ name }) => ({ owner, name })));
