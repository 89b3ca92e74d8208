import { clusterName, LIVE_ALIAS, serviceName } from '../../../pipeline/manifest/names.ts';
import type { ReleasePorts } from '../../../pipeline/release/ports.ts';
import { ENVIRONMENT, type ProofCloud } from './cloud.ts';
import type { ServiceSpec } from './provision.ts';

/** What really runs of one service, asked of the cloud itself. */
interface Reality {
  readonly digests: readonly string[];
  readonly revision: string | undefined;
}

/** Everything that is not as it has to be between two runs: one complete release serves, the ledger agrees, no lock, nothing half done. */
export async function violations(
  cloud: ProofCloud,
  { ledger }: Pick<ReleasePorts, 'ledger'>,
): Promise<readonly string[]> {
  const [{ head, lock }, releases] = await Promise.all([ledger.control(ENVIRONMENT), ledger.releases(ENVIRONMENT, 20)]);
  const found: string[] = [];
  if (lock !== undefined) found.push(`the lock of ${lock.holder} is left`);
  for (const { id, status } of releases) if (status === 'deploying') found.push(`release ${id} is left deploying`);
  const release = head && (await ledger.release(ENVIRONMENT, head.release));
  if (release === undefined) return [...found, 'no release is at the head'];
  if (release.status !== 'live') found.push(`the head's release is ${release.status}`);
  const live = releases.filter(({ status }) => status === 'live');
  if (live.length !== 1) found.push(`${live.length} releases are live: ${live.map(({ id }) => id).join(', ')}`);
  for (const spec of cloud.services) {
    const released = release.services[spec.service];
    if (released === undefined) {
      found.push(`${spec.service} is not part of the release`);
      continue;
    }
    const { digests, revision } = await realityOf(cloud, spec);
    if (revision !== released.revision)
      found.push(`${spec.service}: ${revision} serves, the ledger says ${released.revision}`);
    const wrong = digests.filter((digest) => digest !== released.digest);
    if (digests.length === 0 || wrong.length > 0)
      found.push(`${spec.service}: runs ${digests.join(', ') || 'nothing'}, the ledger says ${released.digest}`);
  }
  return found;
}

function realityOf(cloud: ProofCloud, { service, kind }: ServiceSpec): Promise<Reality> {
  const name = serviceName(ENVIRONMENT, service);
  if (kind === 'function') return functionReality(cloud, name);
  return kind === 'job' ? familyReality(cloud, name) : serviceReality(cloud, name);
}

interface TaskDefinition {
  readonly taskDefinitionArn: string;
  readonly containerDefinitions: readonly [{ readonly image: string }];
}

async function describeDefinition({ cloud }: ProofCloud, name: string): Promise<TaskDefinition> {
  const described = await cloud.invoke<{ taskDefinition: TaskDefinition }>('ecs', 'DescribeTaskDefinition', {
    taskDefinition: name,
  });
  return described.taskDefinition;
}

const digestOf = (image: string): string => image.split('@')[1] ?? image;
const imageOf = ({ containerDefinitions: [container] }: TaskDefinition): string => digestOf(container.image);

/** The images of the tasks that run, not what the service is meant to run. */
async function serviceReality(cloud: ProofCloud, name: string): Promise<Reality> {
  const cluster = clusterName(ENVIRONMENT);
  const { services } = await cloud.cloud.invoke<{ services: readonly [{ taskDefinition: string }] }>(
    'ecs',
    'DescribeServices',
    {
      cluster,
      services: [name],
    },
  );
  const { taskArns } = await cloud.cloud.invoke<{ taskArns: string[] }>('ecs', 'ListTasks', {
    cluster,
    serviceName: name,
    desiredStatus: 'RUNNING',
  });
  const { tasks } = await cloud.cloud.invoke<{ tasks: { taskDefinitionArn: string }[] }>('ecs', 'DescribeTasks', {
    cluster,
    tasks: taskArns,
  });
  const definitions = await Promise.all(
    tasks.map(({ taskDefinitionArn }) => describeDefinition(cloud, taskDefinitionArn)),
  );
  return { digests: definitions.map(imageOf), revision: services[0].taskDefinition };
}

async function functionReality({ cloud }: ProofCloud, FunctionName: string): Promise<Reality> {
  const alias = await cloud.invoke<{ FunctionVersion: string; RoutingConfig?: { AdditionalVersionWeights?: object } }>(
    'lambda',
    'GetAlias',
    {
      FunctionName,
      Name: LIVE_ALIAS,
    },
  );
  const shared = Object.keys(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
  const versions = [alias.FunctionVersion, ...shared];
  const digests = await Promise.all(
    versions.map(async (Qualifier) => {
      const { Code } = await cloud.invoke<{ Code: { ImageUri: string } }>('lambda', 'GetFunction', {
        FunctionName,
        Qualifier,
      });
      return digestOf(Code.ImageUri);
    }),
  );
  return { digests, revision: alias.FunctionVersion };
}

async function familyReality(cloud: ProofCloud, family: string): Promise<Reality> {
  const newest = await describeDefinition(cloud, family);
  return { digests: [imageOf(newest)], revision: newest.taskDefinitionArn };
}
