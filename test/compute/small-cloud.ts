/**
 * The compute parts of the local cloud with the real runtime, without the ports of the AWS API. Run as a program (arguments: home, image, mode of the runtime) it starts a
 * deployment and says when that is under way, to be killed then.
 */
import { join } from 'node:path';
import { createEcsService } from '../../local/aws/ecs/service.ts';
import { createFrontDoor } from '../../local/aws/elbv2/front-door.ts';
import { createElbv2Service } from '../../local/aws/elbv2/service.ts';
import { createRuntime } from '../../local/runtime/create.ts';
import type { RuntimeMode } from '../../local/runtime/runtime.ts';
import { createTestCloud, until } from '../../local/runtime/testing/cloud.ts';
import { openStore } from '../../local/state/store.ts';

export const CLUSTER = 'staging';
export const SERVICE = 'web';

export interface SmallCloud {
  readonly port: number;
  /** How many containers of a killed predecessor were ended. */
  readonly reaped: number;
  call<Output>(service: string, operation: string, input: object): Promise<Output>;
  close(): Promise<void>;
}

export async function startSmallCloud(home: string, mode: RuntimeMode): Promise<SmallCloud> {
  const store = openStore(join(home, 'state.db'));
  const world = createTestCloud({ home, store });
  const runtime = await createRuntime({ home, mode, log: world.cloud.log });
  const reaped = await runtime.reap();
  const balancing = createElbv2Service(world.cloud, { speed: 50 });
  const ecs = createEcsService(world.cloud, runtime, { speed: 50 });
  world.add(balancing, ecs);
  await balancing.start?.();
  await ecs.start?.();
  const door = await createFrontDoor({ balancer: balancing.balancer, port: 0 });
  let closed = false;
  return {
    port: door.port,
    reaped,
    call: (service, operation, input) => world.cloud.invoke(service, operation, input),
    async close() {
      if (closed) return;
      closed = true;
      await door.close();
      await world.close();
      await runtime.close?.();
      store.close();
    },
  };
}

/** A load balancer that answers for every host below `web.localhost`, a cluster, and a service with no tasks on the first revision. */
export async function provision(cloud: SmallCloud, image: string, desiredCount: number): Promise<string> {
  const elb = <Output>(operation: string, input: object) =>
    cloud.call<Output>('elasticloadbalancing', operation, input);
  const { LoadBalancers } = await elb<{ LoadBalancers: [{ LoadBalancerArn: string; DNSName: string }] }>(
    'CreateLoadBalancer',
    { Name: CLUSTER },
  );
  const { TargetGroups } = await elb<{ TargetGroups: [{ TargetGroupArn: string }] }>('CreateTargetGroup', {
    Name: SERVICE,
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 8080,
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 5,
    HealthyThresholdCount: 2,
  });
  const targetGroupArn = TargetGroups[0].TargetGroupArn;
  await elb('CreateListener', {
    LoadBalancerArn: LoadBalancers[0].LoadBalancerArn,
    Port: 80,
    Protocol: 'HTTP',
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
  });
  await cloud.call('ecs', 'CreateCluster', { clusterName: CLUSTER });
  await cloud.call('ecs', 'CreateService', {
    cluster: CLUSTER,
    serviceName: SERVICE,
    taskDefinition: await register(cloud, image),
    desiredCount,
    launchType: 'FARGATE',
    loadBalancers: [{ targetGroupArn, containerName: SERVICE, containerPort: 8080 }],
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
    healthCheckGracePeriodSeconds: 60,
  });
  return LoadBalancers[0].DNSName;
}

export async function register(cloud: SmallCloud, image: string): Promise<string> {
  const { taskDefinition } = await cloud.call<{ taskDefinition: { taskDefinitionArn: string } }>(
    'ecs',
    'RegisterTaskDefinition',
    {
      family: SERVICE,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: SERVICE,
          image,
          user: '1000',
          readonlyRootFilesystem: true,
          portMappings: [{ containerPort: 8080 }],
          environment: [{ name: 'PORT', value: '8080' }],
        },
      ],
    },
  );
  return taskDefinition.taskDefinitionArn;
}

export async function deploy(cloud: SmallCloud, image: string): Promise<string> {
  const taskDefinition = await register(cloud, image);
  await cloud.call('ecs', 'UpdateService', { cluster: CLUSTER, service: SERVICE, taskDefinition });
  return taskDefinition;
}

export interface ServiceState {
  readonly taskDefinition: string;
  readonly runningCount: number;
  readonly deployments: readonly { readonly rolloutState: string; readonly taskDefinition: string }[];
  readonly events: readonly { readonly message: string }[];
}

export async function describeService(cloud: SmallCloud): Promise<ServiceState> {
  const { services } = await cloud.call<{ services: [ServiceState] }>('ecs', 'DescribeServices', {
    cluster: CLUSTER,
    services: [SERVICE],
  });
  return services[0];
}

/** Waits until one deployment is left and it is complete; answers with its task definition. */
export async function settled(cloud: SmallCloud): Promise<string> {
  return until('the service settles', async () => {
    const { deployments } = await describeService(cloud);
    const [first] = deployments;
    return deployments.length === 1 && first?.rolloutState === 'COMPLETED' && first.taskDefinition;
  });
}

async function healthyTargets(cloud: SmallCloud): Promise<number> {
  const elb = <Output>(operation: string, input: object) =>
    cloud.call<Output>('elasticloadbalancing', operation, input);
  const { TargetGroups } = await elb<{ TargetGroups: [{ TargetGroupArn: string }] }>('DescribeTargetGroups', {});
  const { TargetHealthDescriptions } = await elb<{ TargetHealthDescriptions: { TargetHealth: { State: string } }[] }>(
    'DescribeTargetHealth',
    { TargetGroupArn: TargetGroups[0].TargetGroupArn },
  );
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth.State === 'healthy').length;
}

if (import.meta.main) {
  const [home = '', image = '', mode] = process.argv.slice(2);
  const cloud = await startSmallCloud(home, mode as RuntimeMode);
  try {
    await until('the tasks are back', async () => (await healthyTargets(cloud)) === 2);
    await deploy(cloud, image);
    await until('both revisions run', async () => (await describeService(cloud)).runningCount > 2);
    console.log('under way');
  } catch (error) {
    await cloud.close();
    throw error;
  }
}
