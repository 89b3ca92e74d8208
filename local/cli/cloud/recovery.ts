import { ledgerTableName, stateBucketName } from '../../../pipeline/manifest/names.ts';
import type { Ledger } from '../../../pipeline/release/ledger.ts';
import { createDynamoLedger } from '../../../pipeline/release/ledger-dynamodb.ts';
import type { Cloud } from '../../cloud.ts';
import { endpointsFrom, type Ports } from '../ports.ts';
import type { LocalCloud } from './compose.ts';
import { endOrphans } from './orphans.ts';
import { localProject } from './project.ts';

const RELEASES = 50;
/** Milliseconds in which a terraform that lost the local cloud comes back to save its state: the SDK tries for about that long. */
const TERRAFORM_SAVES = 30_000;

/**
 * What a local cloud that was killed or stopped in the middle of a run left half done. No run outlives the local cloud, so whatever is locked when it starts is locked
 * by the dead: those locks are broken, and sweep.yml finishes or undoes the deployments. Resolves when that is done.
 */
export async function settleInterrupted({ local, ports }: { local: LocalCloud; ports: Ports }): Promise<void> {
  const { cloud, github } = local;
  await endOrphans(cloud.home, { patience: TERRAFORM_SAVES });
  const broken = await breakStateLocks(cloud, ports);
  const previews = github.pullRequests().map(({ number }) => `pr-${number}`);
  const interrupted = await breakLedgerLocks(ports, ['staging', 'production', ...previews]);
  if (broken.length > 0)
    cloud.log({ source: 'cloud', message: `broke the state locks of a dead run: ${broken.join(', ')}` });
  if (interrupted.length === 0) return;
  cloud.log({
    source: 'cloud',
    message: `a deployment was interrupted in ${interrupted.join(', ')}; sweep.yml settles it`,
  });
  await github.runs.wait(await github.dispatch('sweep.yml', 'refs/heads/main'));
}

/** Terraform's S3 backend locks a state with an object beside it. */
async function breakStateLocks(cloud: Cloud, ports: Ports): Promise<string[]> {
  const Bucket = stateBucketName(localProject(ports));
  const locks = (await unlessMissing(() => list(cloud, Bucket)))?.filter((key) => key.endsWith('.tflock')) ?? [];
  for (const Key of locks) await cloud.invoke('s3', 'DeleteObject', { Bucket, Key });
  return locks;
}

async function list(cloud: Cloud, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await cloud.invoke<{ Contents?: { Key?: string }[] }>('s3', 'ListObjectsV2', { Bucket });
  return Contents.map(({ Key = '' }) => Key);
}

/** Breaks the locks of all environments; resolves to those with a deployment that did not come to its end. */
async function breakLedgerLocks(ports: Ports, environments: readonly string[]): Promise<string[]> {
  const ledger = localLedger(ports);
  const interrupted: string[] = [];
  for (const environment of environments) {
    const releases = await unlessMissing(() => ledger.releases(environment, RELEASES));
    if (releases === undefined) continue;
    const { lock } = await ledger.control(environment);
    if (lock) await ledger.releaseLock(environment, lock.token);
    if (releases.some(({ status }) => status === 'deploying')) interrupted.push(environment);
  }
  return interrupted;
}

/** The ledger as the command line reads it. */
export function localLedger(ports: Ports): Ledger {
  const project = localProject(ports);
  return createDynamoLedger({
    table: ledgerTableName(project.app),
    region: project.region,
    endpoint: endpointsFrom(ports).aws,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

/** Before the first bootstrap there is neither bucket nor ledger. */
async function unlessMissing<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && ['NoSuchBucket', 'ResourceNotFoundException'].includes(error.name)) return undefined;
    throw error;
  }
}
