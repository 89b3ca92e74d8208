import { answerWithImage, ENVIRONMENT, type ProofCloud, startProofCloud } from '../../test/proofs/kit/cloud.ts';
import { commitNumber, type Order, type Spent } from '../../test/proofs/kit/connection.ts';
import type { Program } from '../../test/proofs/kit/fake-runtime.ts';
import type { Build } from '../../test/proofs/kit/images.ts';
import { createPrograms, type Programs, runToEnd } from '../../test/proofs/kit/process.ts';

export interface Measured extends Spent {
  /** Calls to the AWS API. */
  readonly calls: number;
}

const REQUESTED = { environment: ENVIRONMENT, actor: 'bench', reason: 'bench' };

/** Containers that take as long to start as one with a model does; answers come at once otherwise. */
const START_MS = 5_000;

function startingSlowly(): Program {
  const since = new WeakMap<object, number>();
  return (path, container) => {
    const started = since.get(container) ?? performance.now();
    since.set(container, started);
    return performance.now() - started < START_MS
      ? { status: 503, body: 'starting' }
      : answerWithImage(path, container);
  };
}

/** `fake`: containers answer at once. `as on AWS`: they take five seconds to start, and health checks and draining as long as they are declared. */
export type Pace = 'fake' | 'as on AWS';

/** Deploys a change of every service to an environment of `size` of them, and takes it back, in a process as the actions are. */
export async function measureSize(
  size: number,
  pace: Pace,
): Promise<{ readonly deploy: Measured; readonly rollback: Measured }> {
  const services = Array.from({ length: size }, (_, index) => ({ service: `service-${index}`, kind: 'web' as const }));
  const cloud = await startProofCloud({
    services,
    ...(pace === 'as on AWS' && { program: startingSlowly(), speed: 1 }),
  });
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
