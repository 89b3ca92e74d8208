import { allTables, serviceAccess } from '../pipeline/manifest/access.ts';
import { bucketPrefix } from '../pipeline/manifest/environment.ts';
import { bucketName, hostEnvironment, logGroupName, tableName } from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { CloudwatchLogGroup, type Construct } from './cdktf.ts';
import { createTable } from './constructs/table.ts';
import { environmentSettings } from './environments.ts';
import { addMessaging } from './messaging.ts';
import { readParameter } from './parameters.ts';
import { addSeeds } from './seeds.ts';
import { addServices } from './services.ts';
import { deployedServices, SlipwayStack, type StackInput } from './stack.ts';

/**
 * Everything that belongs to one pull request: the services that it changes, and the tables and queues that they reach. Network, cluster,
 * load balancer, key, buckets and every other service are staging's.
 */
export class PreviewStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `preview-${input.environment}`, input);
    const { project, environment, manifests } = input;
    const settings = environmentSettings(input);
    const keyArn = readParameter(this, { project, environment: hostEnvironment(environment) }, 'key-arn');
    new CloudwatchLogGroup(this, 'log-group', {
      name: logGroupName(project.app, environment),
      retentionInDays: settings.logRetentionDays,
      kmsKeyId: keyArn,
    });
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
    const { project, environment, manifests } = this.input;
    for (const { owner, name } of ownedBuckets(deployedServices(this.input))) {
      const access = serviceAccess(owner, manifests).find(
        (one) => one.type === 'bucket' && one.declaration.name === name,
      );
      const prefix = bucketPrefix(environment, access?.access ?? 'read');
      if (prefix === '') continue;
      const bucket = bucketName(project, hostEnvironment(environment), name);
      addSeeds(this, this.input, { name, bucket, keyArn, prefix });
    }
  }
}

const ownedBuckets = (manifests: readonly Manifest[]) =>
  manifests.flatMap((owner) => (owner.owns?.buckets ?? []).map(({ name }) => ({ owner, name })));
