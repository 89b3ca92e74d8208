import { Construct, EcsCluster, EcsClusterCapacityProviders } from '../cdktf.ts';

interface ClusterProperties {
  readonly name: string;
  readonly keyArn: string;
  readonly logGroup: string;
  readonly containerInsights: 'enabled' | 'disabled';
}

/** A Fargate cluster. Services do not allow `ecs exec`; should somebody switch it on, sessions are encrypted and logged. */
export class Cluster extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, keyArn, logGroup, containerInsights }: ClusterProperties) {
    super(scope, id);
    const cluster = new EcsCluster(this, 'cluster', {
      name,
      setting: [{ name: 'containerInsights', value: containerInsights }],
      configuration: {
        executeCommandConfiguration: {
          kmsKeyId: keyArn,
          logging: 'OVERRIDE',
          logConfiguration: { cloudWatchEncryptionEnabled: true, cloudWatchLogGroupName: logGroup },
        },
      },
    });
    this.arn = cluster.arn;
    new EcsClusterCapacityProviders(this, 'capacity', {
      clusterName: cluster.name,
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
    });
  }
}
