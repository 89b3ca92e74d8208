import { DescribeServicesCommand, ECSClient, paginateListServices, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { clientOptions } from '../../kit/aws/client.ts';
import type { Account, Sleeper } from './wake.ts';

interface AccountOptions {
  /** Table of the ledger; the record of preview `pr-7` is its item `preview`. */
  readonly ledger: string;
  readonly documents: DynamoDBDocumentClient;
}

const CLUSTER = 'staging';
/** The rule of a preview that sleeps has the first of its fifty numbers, and no condition but the host. See stacks/rule-priority.ts. */
const PREVIEW_SIZE = 50;
const WAKER = 'staging-waker';

/** The account, as far as waking goes. */
export function createAccount({ ledger: TableName, documents }: AccountOptions): Account {
  const ecs = new ECSClient(clientOptions);
  const balancing = new ElasticLoadBalancingV2Client(clientOptions);
  const key = (number: number) => ({ TableName, Key: { environment: `pr-${number}`, item: 'preview' } });

  /** Changes the record if its state is `from`; resolves to whether it was. */
  async function move(number: number, from: string, set: Readonly<Record<string, unknown>>): Promise<boolean> {
    const names = Object.keys(set);
    const assignments = names.map((_, index) => `#value.#n${index} = :v${index}`);
    try {
      await documents.send(
        new UpdateCommand({
          ...key(number),
          UpdateExpression: `SET ${assignments.join(', ')}, #version = #version + :one`,
          ConditionExpression: '#value.#state = :from',
          ExpressionAttributeNames: {
            '#value': 'value',
            '#state': 'state',
            '#version': 'version',
            ...Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
          },
          ExpressionAttributeValues: {
            ':from': from,
            ':one': 1,
            ...Object.fromEntries(names.map((name, index) => [`:v${index}`, set[name]])),
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }

  async function services(number: number) {
    const names: string[] = [];
    for await (const page of paginateListServices({ client: ecs }, { cluster: CLUSTER, maxResults: 100 })) {
      const all = (page.serviceArns ?? []).map((arn) => arn.split('/').at(-1) ?? '');
      names.push(...all.filter((name) => name.startsWith(`pr-${number}-`)));
    }
    if (names.length === 0) return [];
    const { services: found = [] } = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: names }));
    return found.filter(({ status }) => status === 'ACTIVE');
  }

  async function listeners(): Promise<readonly string[]> {
    const { TargetGroups = [] } = await balancing.send(new DescribeTargetGroupsCommand({ Names: [WAKER] }));
    const [LoadBalancerArn] = TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns);
    const { Listeners = [] } = await balancing.send(new DescribeListenersCommand({ LoadBalancerArn }));
    return Listeners.flatMap(({ ListenerArn }) => ListenerArn ?? []);
  }

  async function isHealthy(TargetGroupArn: string): Promise<boolean> {
    const { TargetHealthDescriptions = [] } = await balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
  }

  return {
    async read(number) {
      const { Item } = await documents.send(new GetCommand({ ...key(number), ConsistentRead: true }));
      const value = Item?.['value'] as Omit<Sleeper, 'version'> | undefined;
      return value && { ...value, version: Number(Item?.['version']) };
    },
    claim: async (number, now) => {
      const wakes = ((await documents.send(new GetCommand(key(number)))).Item?.['value']?.wakes ?? 0) as number;
      return move(number, 'asleep', { state: 'waking', awakeSince: now, visitedAt: now, wakes: wakes + 1 });
    },
    opened: async (number, now) => void (await move(number, 'waking', { state: 'open', visitedAt: now })),
    async start(number) {
      const asleep = (await services(number)).filter(({ desiredCount }) => desiredCount === 0);
      await Promise.all(
        asleep.map(({ serviceName }) =>
          ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: serviceName, desiredCount: 1 })),
        ),
      );
    },
    async ready(number) {
      const groups = (await services(number)).flatMap(({ loadBalancers = [] }) =>
        loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
      );
      return (await Promise.all(groups.map(isHealthy))).every(Boolean);
    },
    async uncover(number) {
      for (const ListenerArn of await listeners()) {
        for await (const page of paginateDescribeRules({ client: balancing }, { ListenerArn })) {
          for (const { RuleArn, Priority, Conditions = [] } of page.Rules ?? []) {
            const hosts = Conditions[0]?.HostHeaderConfig?.Values ?? [];
            const isOurs = hosts.some((host) => host.startsWith(`pr-${number}.preview.`));
            if (!isOurs || Conditions.length !== 1 || Number(Priority) % PREVIEW_SIZE !== 1) continue;
            await balancing.send(new DeleteRuleCommand({ RuleArn })).catch(unlessGone);
          }
        }
      }
    },
  };
}

/** Of many requests one is the first to delete it. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Error && error.name.startsWith('RuleNotFound'))) throw error;
}
