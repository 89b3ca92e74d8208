import { bucketName, clusterName, hostName, logGroupName } from '../pipeline/manifest/names.ts';
import { CloudwatchLogGroup, type Construct, DataAwsRoute53Zone, Wafv2WebAclAssociation } from './cdktf.ts';
import { Alarms } from './constructs/alarms.ts';
import { Certificate } from './constructs/certificate.ts';
import { Cluster } from './constructs/cluster.ts';
import { Key, logsMayUseKey, serviceMayUseKey } from './constructs/key.ts';
import { LoadBalancer } from './constructs/load-balancer.ts';
import { createLogBucket } from './constructs/log-bucket.ts';
import { Network } from './constructs/network.ts';
import { SecurityGroups } from './constructs/security-groups.ts';
import { type EnvironmentSettings, environmentSettings } from './environments.ts';
import { publishParameter, readParameter } from './parameters.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

/** What the services of an environment (and previews, for staging) stand on: key, network, load balancer, cluster. */
export class PlatformStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-platform`, input);
    const settings = environmentSettings(input);
    const key = createKey(this, settings);
    const logs = createLogBucket(this, input.project, bucketName(input.project, input.environment, 'logs'));
    const group = createLogGroup(this, key, settings);
    const network = new Network(this, 'network', {
      name: this.prefix,
      region: input.project.region,
      network: settings.network,
      nat: settings.nat,
      logs,
    });
    const groups = new SecurityGroups(this, 'security', { name: this.prefix, vpcId: network.vpcId });
    const balancer = this.createLoadBalancer(network, groups, logs, settings);
    const cluster = new Cluster(this, 'cluster', {
      name: clusterName(input.environment),
      keyArn: key.arn,
      logGroup: group.name,
      containerInsights: settings.containerInsights,
    });
    const alarms = this.protect(balancer, key);
    this.publish({
      'key-arn': key.arn,
      'vpc-id': network.vpcId,
      'subnet-ids': network.serviceSubnetIds.join(','),
      'load-balancer': balancer.arnSuffix,
      'security-group-id': groups.services,
      'listener-arn': balancer.listenerArn,
      'cluster-arn': cluster.arn,
      'log-bucket': logs.bucket,
      'alarm-topic-arn': alarms.topicArn,
    });
  }

  private get prefix(): string {
    return `${this.input.project.app}-${this.input.environment}`;
  }

  private createLoadBalancer(
    { publicSubnetIds: subnetIds }: Network,
    groups: SecurityGroups,
    logs: ReturnType<typeof createLogBucket>,
    { deletionProtection }: EnvironmentSettings,
  ): LoadBalancer {
    const { project, environment } = this.input;
    const zoneId = new DataAwsRoute53Zone(this, 'zone', { name: project.domain }).zoneId;
    const own = hostName(project, environment);
    const names: [string, ...string[]] = environment === 'staging' ? [own, `*.preview.${project.domain}`] : [own];
    const certificate = new Certificate(this, 'certificate', { names, zoneId });
    return new LoadBalancer(this, 'load-balancer', {
      name: this.prefix,
      subnetIds,
      securityGroup: groups.loadBalancer,
      certificateArn: certificate.arn,
      deletionProtection,
      logs,
      hosts: names,
      zoneId,
    });
  }

  private protect(balancer: LoadBalancer, key: Key): Alarms {
    new Wafv2WebAclAssociation(this, 'firewall', {
      resourceArn: balancer.arn,
      webAclArn: readParameter(this, { ...this.input, environment: 'account' }, 'web-acl-arn'),
    });
    return new Alarms(this, 'alarms', { name: this.prefix, keyArn: key.arn, loadBalancer: balancer.arnSuffix });
  }

  private publish(values: Readonly<Record<string, string>>): void {
    for (const value of Object.entries(values)) publishParameter(this, this.input, value);
  }
}

function createKey(stack: SlipwayStack, { keyDeletionDays }: EnvironmentSettings): Key {
  const { project, environment } = stack.input;
  return new Key(stack, 'key', {
    project,
    name: environment,
    description: `Data, logs and secrets of ${environment}`,
    deletionDays: keyDeletionDays,
    statements: [
      logsMayUseKey(project),
      serviceMayUseKey('Alarms', 'cloudwatch.amazonaws.com', project.accountId),
      serviceMayUseKey('Topics', 'sns.amazonaws.com', project.accountId),
    ],
  });
}

function createLogGroup(stack: SlipwayStack, key: Key, { logRetentionDays }: EnvironmentSettings): CloudwatchLogGroup {
  return new CloudwatchLogGroup(stack, 'log-group', {
    name: logGroupName(stack.input.project.app, stack.input.environment),
    retentionInDays: logRetentionDays,
    kmsKeyId: key.arn,
  });
}
