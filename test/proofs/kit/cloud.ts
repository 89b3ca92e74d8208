import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from '@aws-sdk/client-iam';
import { createDynamoDbService } from '../../../local/aws/dynamodb/service.ts';
import { createEcrService } from '../../../local/aws/ecr/service.ts';
import { type ContainerService, createEcsService } from '../../../local/aws/ecs/service.ts';
import { createFrontDoor, type FrontDoor } from '../../../local/aws/elbv2/front-door.ts';
import { createElbv2Service } from '../../../local/aws/elbv2/service.ts';
import { awsClients } from '../../../local/aws/kit/clients.ts';
import type { Faults } from '../../../local/aws/kit/faults.ts';
import { createLambdaService } from '../../../local/aws/lambda/service.ts';
import { createLogsService } from '../../../local/aws/logs/service.ts';
import { createS3Service } from '../../../local/aws/s3/service.ts';
import { createSecretsManagerService } from '../../../local/aws/secretsmanager/service.ts';
import { createAwsServer } from '../../../local/aws/server.ts';
import { createSsmService } from '../../../local/aws/ssm/service.ts';
import { createStsService } from '../../../local/aws/sts/service.ts';
import type { Cloud, CloudEvent } from '../../../local/cloud.ts';
import { createRegistry } from '../../../local/registry/registry.ts';
import { openStore } from '../../../local/state/store.ts';
import type { Project } from '../../../pipeline/manifest/names.ts';
import { createFakeRuntime, type Program } from './fake-runtime.ts';
import { type ImagesByBuild, pushImages } from './images.ts';
import { provision, type ServiceSpec } from './provision.ts';
import { createRoles } from './roles.ts';

export const ENVIRONMENT = 'staging';

export interface ProofCloud {
  readonly cloud: Cloud;
  readonly project: Project;
  readonly faults: Faults;
  readonly containers: ContainerService;
  readonly door: FrontDoor;
  readonly services: readonly ServiceSpec[];
  /** `a` and `b`: two images of every service that both work. */
  readonly images: ImagesByBuild;
  readonly events: readonly CloudEvent[];
  /** Variables with which the AWS SDK reaches this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** One of every kind. */
export const EVERY_KIND: readonly ServiceSpec[] = [
  { service: 'web', kind: 'web' },
  { service: 'worker', kind: 'worker' },
  { service: 'scorer', kind: 'function' },
  { service: 'batch', kind: 'job' },
];

/** Divides intervals of health checks, draining and stop timeouts: this is about the order of things, not about how long they take. */
const SPEED = 500;

export interface ProofOptions {
  /** One of every kind if absent. */
  readonly services?: readonly ServiceSpec[];
  /** What containers do. */
  readonly program?: Program;
  /** 1: health checks and draining take as long as they are declared. */
  readonly speed?: number;
}

/**
 * The AWS side of the local cloud in this process, state in memory, containers fake, provisioned with `services` as Terraform would leave them: created,
 * with no tasks and no release.
 */
export async function startProofCloud({
  services = EVERY_KIND,
  program = answerWithImage,
  speed = SPEED,
}: ProofOptions = {}): Promise<ProofCloud> {
  const home = mkdtempSync(join(tmpdir(), 'slipway-proof-'));
  const store = openStore(':memory:');
  const events: CloudEvent[] = [];
  const registry = await createRegistry({ folder: join(home, 'registry'), port: 0 });
  const endpoints = { aws: '', registry: `127.0.0.1:${registry.port}`, github: '', sentry: '', web: '', terraform: '' };
  const cloud: Cloud = {
    home,
    accountId: '000000000000',
    region: 'us-east-1',
    store,
    endpoints,
    now: () => Date.now(),
    log: (event) => void events.push(event),
    invoke: (service, operation, input) => server.invoke(service, operation, input),
  };
  const runtime = createFakeRuntime(program);
  const balancing = createElbv2Service(cloud, { speed });
  const containers = createEcsService(cloud, runtime, { speed });
  const parts = [
    createStsService(cloud),
    createRoles(),
    createSsmService(cloud),
    createSecretsManagerService(cloud),
    createLogsService(cloud),
    createDynamoDbService(cloud),
    createS3Service(cloud),
    createEcrService(cloud, registry.storage),
    balancing,
    createLambdaService(cloud, runtime),
    containers,
  ];
  const server = await createAwsServer({
    services: parts,
    clientModules: [...awsClients, iam],
    port: 0,
    log: cloud.log,
  });
  endpoints.aws = `http://127.0.0.1:${server.port}`;
  for (const part of parts) await part.start?.();
  const door = await createFrontDoor({ balancer: balancing.balancer, port: 0 });
  const project: Project = {
    app: 'proof',
    accountId: cloud.accountId,
    region: cloud.region,
    domain: 'proof.localhost',
    urlPattern: `http://{host}:${door.port}`,
    repository: 'acme/proof',
  };
  const images = await pushImages(cloud, project, services);
  await provision({ cloud, project, environment: ENVIRONMENT, images }, services);
  return {
    cloud,
    project,
    faults: server.faults,
    containers,
    door,
    services,
    images,
    events,
    environment: {
      AWS_ENDPOINT_URL: endpoints.aws,
      AWS_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    async close() {
      await door.close();
      await server.close();
      await registry.close();
      store.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Every service says which image it runs and which release it belongs to. */
export const answerWithImage: Program = (_path, { digest, environment }) => ({
  status: 200,
  body: { answer: 42, digest, release: environment['SLIPWAY_RELEASE'] ?? '' },
});
