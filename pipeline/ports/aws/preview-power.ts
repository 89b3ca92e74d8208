import { DescribeServicesCommand, ECSClient, paginateListServices, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clusterName, hostName, type Project, platformParameter } from '../../manifest/names.ts';
import { type Power, previewEnvironment } from '../../preview/ports.ts';

/** Numbers per preview on the listener, of which the first is for the rule of a preview that sleeps; see stacks/rule-priority.ts. */
const PREVIEW_SIZE = 50;
/** The service that shows the waking page and wakes. */
const WAKER = 'waker';
/** Previews do not scale. */
const TASKS = 1;

type Options = { readonly region: string };

/** Services of previews are ECS services of staging's cluster; a preview that sleeps has a rule of its own before all its others. */
export function createPower(project: Project, options: Options): Power {
  const ecs = new ECSClient(options);
  const balancing = new ElasticLoadBalancingV2Client(options);
  const ssm = new SSMClient(options);
  const cluster = clusterName('staging');
  const platform = async (key: string): Promise<string> => {
    const Name = platformParameter(project.app, 'staging', key);
    return (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '';
  };
  const host = (number: number): string => hostName(project, previewEnvironment(number));

  async function services(number: number) {
    const prefix = `${previewEnvironment(number)}-`;
    const names: string[] = [];
    for await (const page of paginateListServices({ client: ecs }, { cluster, maxResults: 100 })) {
      names.push(
        ...(page.serviceArns ?? []).map((arn) => arn.split('/').at(-1) ?? '').filter((name) => name.startsWith(prefix)),
      );
    }
    if (names.length === 0) return [];
    const { services: found = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: names }));
    return found.filter(({ status }) => status === 'ACTIVE');
  }

  async function scale(number: number, desiredCount: number): Promise<void> {
    const wanted = (await services(number)).filter((service) => service.desiredCount !== desiredCount);
    await Promise.all(
      wanted.map(({ serviceName }) =>
        ecs.send(new UpdateServiceCommand({ cluster, service: serviceName, desiredCount })),
      ),
    );
  }

  async function covers(number: number): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const page of paginateDescribeRules(
      { client: balancing },
      { ListenerArn: await platform('listener-arn') },
    )) {
      for (const { RuleArn, Priority, Conditions = [] } of page.Rules ?? []) {
        const isCover = Number(Priority) % PREVIEW_SIZE === 1 && Conditions.length === 1;
        if (isCover && RuleArn && Conditions[0]?.HostHeaderConfig?.Values?.includes(host(number))) found.push(RuleArn);
      }
    }
    return found;
  }

  return {
    async cover(number, place) {
      if ((await covers(number)).length > 0) return undefined;
      const [ListenerArn, TargetGroupArn] = await Promise.all([platform('listener-arn'), platform(`target/${WAKER}`)]);
      const environment = previewEnvironment(number);
      const tags = { Application: project.app, Environment: environment, ManagedBy: `preview-${environment}` };
      try {
        await balancing.send(
          new CreateRuleCommand({
            ListenerArn,
            Priority: place * PREVIEW_SIZE + 1,
            Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [host(number)] } }],
            Actions: [{ Type: 'forward', TargetGroupArn }],
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        );
        return undefined;
      } catch (error) {
        if (error instanceof Error && error.name.startsWith('TooManyRules'))
          return 'there is no room for the rule of the waking page';
        throw error;
      }
    },
    async uncover(number) {
      for (const RuleArn of await covers(number)) {
        try {
          await balancing.send(new DeleteRuleCommand({ RuleArn }));
        } catch (error) {
          // The waker was faster.
          if (!(error instanceof Error && error.name.startsWith('RuleNotFound'))) throw error;
        }
      }
    },
    stop: (number) => scale(number, 0),
    start: (number) => scale(number, TASKS),
    async ready(number) {
      const groups = (await services(number)).flatMap(({ loadBalancers = [] }) =>
        loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
      );
      const healthy = await Promise.all(
        groups.map(async (TargetGroupArn) => {
          const answer = await balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
          return (answer.TargetHealthDescriptions ?? []).some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
        }),
      );
      return healthy.every(Boolean);
    },
  };
}
