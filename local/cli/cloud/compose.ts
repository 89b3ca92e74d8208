import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { startAutoscaling } from '../../aws/autoscaling/scaling.ts';
import { createCloudWatchService } from '../../aws/cloudwatch/service.ts';
import { createDynamoDbService } from '../../aws/dynamodb/service.ts';
import { createRegistryRules } from '../../aws/ecr/registry-rules.ts';
import { createEcrService } from '../../aws/ecr/service.ts';
import { type ContainerService, createEcsService } from '../../aws/ecs/service.ts';
import { createFrontDoor } from '../../aws/elbv2/front-door.ts';
import { createElbv2Service, type LoadBalancing } from '../../aws/elbv2/service.ts';
import { createAccessRecorder } from '../../aws/iam/recorder.ts';
import { createIamService } from '../../aws/iam/service.ts';
import { awsClients } from '../../aws/kit/clients.ts';
import type { Faults } from '../../aws/kit/faults.ts';
import type { AwsService } from '../../aws/kit/service.ts';
import { createLambdaService } from '../../aws/lambda/service.ts';
import { createLogsService } from '../../aws/logs/service.ts';
import { createS3Service } from '../../aws/s3/service.ts';
import { createSchedulerService } from '../../aws/scheduler/service.ts';
import { createSecretsManagerService } from '../../aws/secretsmanager/service.ts';
import { type AwsServer, createAwsServer } from '../../aws/server.ts';
import { createSnsService } from '../../aws/sns/service.ts';
import { createSqsService } from '../../aws/sqs/service.ts';
import { createSsmService } from '../../aws/ssm/service.ts';
import { createStsService } from '../../aws/sts/service.ts';
import { createTaggingService } from '../../aws/tagging/service.ts';
import type { Cloud } from '../../cloud.ts';
import { createGitHub } from '../../github/github.ts';
import type { GitHub } from '../../github/types.ts';
import { createRegistry } from '../../registry/registry.ts';
import { assembleStandInBase } from '../../registry/standin-base.ts';
import { createRuntime } from '../../runtime/create.ts';
import type { Runtime, RuntimeMode } from '../../runtime/runtime.ts';
import { type SentryServer, startSentry } from '../../sentry/server.ts';
import { openStore } from '../../state/store.ts';
import { startProvider } from '../../terraform/server.ts';
import { endpointsFrom, type Ports } from '../ports.ts';
import { createRepositorySettings } from './github-settings.ts';
import { addHostedZone } from './hosted-zone.ts';
import { endOrphans, orphanMarker } from './orphans.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, LOCAL_REPOSITORY, localProject } from './project.ts';
import { fillSecrets } from './secrets.ts';

/** Health check intervals, draining, stop timeouts and bake times are the declared ones divided by this. */
const SPEED = 50;

export interface LocalCloud {
  readonly cloud: Cloud;
  readonly github: GitHub;
  readonly sentry: SentryServer;
  readonly runtime: Runtime;
  /** What can be made to go wrong. */
  readonly faults: Faults;
  readonly containers: ContainerService;
  readonly balancing: LoadBalancing;
  /** Variables with which terraform, the AWS CLI and the SDKs use this local cloud. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends everything, newest first: no process, mount or port stays. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  /** The developer's repository. */
  readonly root: string;
  readonly home: string;
  readonly ports: Ports;
  readonly runtimeMode: 'auto' | RuntimeMode;
  log: Cloud['log'];
}

/** Starts every part of the local cloud and connects them. If one cannot start, those that did are ended again. */
export async function compose(options: ComposeOptions): Promise<LocalCloud> {
  const closing: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await start(options, closing)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: ComposeOptions,
  closing: (() => Promise<void> | void)[],
): Promise<Omit<LocalCloud, 'close'>> {
  const { root, home, ports, log } = options;
  const store = openStore(join(home, 'state.db'));
  closing.push(() => store.close());
  // The stand-in base is pushed without an ECR repository, as a public image would be there without one.
  const { isImmutable } = createRegistryRules({ store, accountId: LOCAL_ACCOUNT, now: Date.now });
  const registry = await createRegistry({
    folder: join(home, 'registry'),
    port: ports.registry,
    isImmutable,
  });
  closing.push(() => registry.close());
  const runtime = await createRuntime({ home, mode: options.runtimeMode, log });
  closing.push(() => runtime.close?.());
  const leftovers = await runtime.reap();
  if (leftovers > 0)
    log({ source: 'runtime', message: `ended ${leftovers} containers that a killed local cloud left behind` });

  let server: AwsServer | undefined;
  const cloud: Cloud = {
    home,
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    store,
    endpoints: endpointsFrom(ports),
    now: () => Date.now(),
    log,
    invoke: (service, operation, input) => {
      if (!server) throw new Error(`${service}:${operation} was called before the local cloud was composed`);
      return server.invoke(service, operation, input);
    },
  };
  addHostedZone(cloud, localProject(ports).domain);
  const balancing = createElbv2Service(cloud, { speed: SPEED });
  const containers = createEcsService(cloud, runtime, { speed: SPEED });
  const services: readonly AwsService[] = [
    createStsService(cloud),
    createSsmService(cloud),
    fillSecrets(createSecretsManagerService(cloud), cloud),
    createLogsService(cloud),
    createCloudWatchService(cloud),
    createDynamoDbService(cloud),
    createS3Service(cloud),
    createEcrService(cloud, registry.storage),
    createSqsService(cloud),
    createSnsService(cloud),
    balancing,
    createLambdaService(cloud, runtime),
    containers,
    createSchedulerService(cloud),
    createIamService(cloud),
    createTaggingService(cloud),
  ];
  const { record } = createAccessRecorder(cloud);
  server = await createAwsServer({ services, clientModules: awsClients, port: ports.aws, onCall: record, log });
  const aws = server;
  closing.push(() => aws.close());
  const sentry = await startSentry({ store, port: ports.sentry, now: cloud.now });
  closing.push(() => sentry.close());
  const provider = await startProvider({ cloud, port: ports.terraform });
  closing.push(() => provider.close());
  const base = await assembleStandInBase({ registry: { host: cloud.endpoints.registry }, root });
  // All images are built on it, so it is unpacked while the first of them are still being built.
  const unpacking = runtime.prepare(base.reference).catch((error: unknown) => {
    log({ source: 'runtime', message: `the base image could not be made ready: ${String(error)}` });
  });
  closing.push(() => unpacking);
  const environment = cloudEnvironment(cloud, provider.reattach);
  const github = await createGitHub(cloud, {
    repository: LOCAL_REPOSITORY,
    port: ports.github,
    runnerEnvironment: { ...environment, PATH: runnerPath(), SLIPWAY_SPEED: String(SPEED) },
    dependencies: { lockfile: join(root, 'package-lock.json'), folder: join(root, 'node_modules') },
    issuer: 'https://token.actions.githubusercontent.com',
  });
  closing.push(async () => {
    await github.close();
    await endOrphans(home);
  });
  createRepositorySettings(github, { cloud, ports, base: base.reference });
  for (const service of services) await service.start?.();
  const autoscaling = startAutoscaling(cloud);
  closing.push(() => autoscaling.close());
  const door = await createFrontDoor({ balancer: balancing.balancer, port: ports.web });
  closing.push(() => door.close());
  return { cloud, github, sentry, runtime, faults: aws.faults, containers, balancing, environment };
}

/** How tools are pointed at the local cloud. The credentials are dummies: a runner gets those of a role through OIDC. */
function cloudEnvironment(cloud: Cloud, reattach: string): Record<string, string> {
  const folder = join(cloud.home, 'terraform');
  mkdirSync(folder, { recursive: true });
  // Without a file of its own terraform would read the developer's, or warn that there is none.
  const configuration = join(folder, 'terraform.rc');
  writeFileSync(configuration, '');
  return {
    AWS_ENDPOINT_URL: cloud.endpoints.aws,
    AWS_REGION: cloud.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    TF_REATTACH_PROVIDERS: reattach,
    TF_CLI_CONFIG_FILE: configuration,
    ...orphanMarker(cloud.home),
    CHECKPOINT_DISABLE: '1',
  };
}

/** Node 24 first, then what the developer has: terraform and git are found there. */
function runnerPath(): string {
  return [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
}
