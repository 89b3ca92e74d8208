import { ENVIRONMENT, type ProofCloud, startProofCloud } from '../../test/proofs/kit/cloud.ts';
import { commitNumber, type Order, type Spent } from '../../test/proofs/kit/connection.ts';
import type { Build } from '../../test/proofs/kit/images.ts';
import { createPrograms, type Programs, runToEnd } from '../../test/proofs/kit/process.ts';

export interface Measured extends Spent {
  /** Calls to the AWS API. */
  readonly calls: number;
}

const REQUESTED = { environment: ENVIRONMENT, actor: 'bench', reason: 'bench' };

/** Deploys a change of every service to an environment of `size` of them, and takes it back, in a process as the actions are. */
export async function measureSize(size: number): Promise<{ readonly deploy: Measured; readonly rollback: Measured }> {
  const services = Array.from({ length: size }, (_, index) => ({ service: `service-${index}`, kind: 'web' as const }));
  const cloud = await startProofCloud(services);
  const programs = await createPrograms();
  const deployment = (build: Build, commit: number): Order => ({
    kind: 'deploy',
    request: { ...REQUESTED, images: cloud.images[build], commit: commitNumber(commit) },
  });
  try {
    await measure({ programs, cloud, expected: 'deployed' }, deployment('a', 1));
    const deploy = await measure({ programs, cloud, expected: 'deployed' }, deployment('b', 2));
    const order: Order = { kind: 'rollback', request: { ...REQUESTED, target: '' } };
    return { deploy, rollback: await measure({ programs, cloud, expected: 'rolled back' }, order) };
  } finally {
    programs.close();
    await cloud.close();
  }
}

interface Measuring {
  readonly programs: Programs;
  readonly cloud: ProofCloud;
  readonly expected: string;
}

async function measure({ programs, cloud, expected }: Measuring, order: Order): Promise<Measured> {
  let calls = 0;
  const stop = cloud.faults.watch(({ moment }) => {
    if (moment === 'before') calls += 1;
  });
  const { endpoints } = cloud.cloud;
  const ended = await runToEnd(programs, cloud, { project: cloud.project, endpoint: endpoints.aws, order });
  stop();
  if (ended.outcome !== expected || ended.spent === undefined)
    throw new Error(`expected ${expected}, got ${ended.outcome} ${ended.error ?? ''}`);
  return { ...ended.spent, calls };
}
