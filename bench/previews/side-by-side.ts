import {
  ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RunningCloud } from '../../local/cli/cloud/launch.ts';
import type { StatusReport } from '../../local/cli/cloud/wire.ts';
import { endpointsFrom } from '../../local/cli/ports.ts';
import type { Note, Row } from '../row.ts';
import { call, change, memory, timed, untilAnswer } from './cloud.ts';

/** Pull requests that are opened at a time: GitHub would run more, this machine would not. */
const AT_A_TIME = 4;
const SCORER = 'services/scorer/src/measurements.ts';
const PLAN = '.github/workflows/plan.yml';
const PENGUIN = { beak_length_mm: 47.5, beak_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100 };

/** What the rows do not say. */
export const NOTE: Note = {
  bench: 'previews',
  note: 'Side by side: every preview runs a changed scorer, a function whose process stays awake; all are asked at the end. Their pull requests leave out plan.yml, whose runs would compete for the same cores.',
};

/** Opens pull requests until so many previews are there, and asks all of them. */
export async function* sideBySide(cloud: RunningCloud, counts: readonly number[]): AsyncGenerator<Row | Note> {
  yield NOTE;
  const { text } = await call<{ text: string }>(cloud, 'file', { path: SCORER });
  const { pullRequests } = await call<StatusReport>(cloud, 'status', {});
  const open = pullRequests.filter(({ state }) => state === 'open').map(({ number }) => number);
  for (const count of counts) {
    const missing = Array.from({ length: Math.max(0, count - open.length) }, (_, index) => open.length + index);
    const { seconds } = await timed(() => openAll(cloud, { missing, text, open }));
    const asked = await timed(() => Promise.all(open.map((number) => answers(cloud, number))));
    const row = (what: string, unit: Row['unit'], ours: number): Row => ({
      ...{ bench: 'previews', unit, ours },
      case: `${count} side by side: ${what}`,
    });
    yield row(`to open ${missing.length}`, 's', seconds);
    yield row('every one asked at once', 's', asked.seconds);
    yield row('memory of the local cloud', 'bytes', memory(cloud.pid));
    yield row('their listener rules', 'rules', await rules(cloud));
  }
}

interface Opening {
  readonly missing: readonly number[];
  readonly text: string;
  /** Numbers of the pull requests. */
  readonly open: number[];
}

async function openAll(cloud: RunningCloud, { missing, text, open }: Opening): Promise<void> {
  const queue = missing.values();
  const worker = async (): Promise<void> => {
    for (const index of queue) {
      const files = {
        [SCORER]: `${text}// Variant ${index}.\n`,
        [PLAN]: 'name: Plan\non: workflow_dispatch\njobs: {}\n',
      };
      const { pullRequest } = await change(cloud, 'pr-open', { title: `Variant ${index}`, files });
      open.push(pullRequest.number);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

function answers(cloud: RunningCloud, number: number): Promise<string> {
  const environment = `pr-${number}`;
  const question = { environment, path: '/v1/score', body: PENGUIN };
  return untilAnswer(cloud, question, (who) => who.startsWith(`${environment} `));
}

/** Rules that belong to previews. */
async function rules(cloud: RunningCloud): Promise<number> {
  const client = new ElasticLoadBalancingV2Client({
    region: 'us-east-1',
    endpoint: endpointsFrom(cloud.ports).aws,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  let count = 0;
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {})) {
    for (const { LoadBalancerArn } of LoadBalancers) {
      for await (const { Listeners = [] } of paginateDescribeListeners({ client }, { LoadBalancerArn })) {
        for (const { ListenerArn } of Listeners)
          for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn }))
            count += Rules.filter(({ Conditions }) => JSON.stringify(Conditions).includes('"pr-')).length;
      }
    }
  }
  return count;
}
