import { serviceName } from '../../../pipeline/manifest/names.ts';
import type { FaultRule } from '../../aws/kit/faults.ts';
import type { LocalCloud } from './compose.ts';
import { CallRefused, type Method } from './control.ts';
import type { FaultReport } from './wire.ts';

type Door = Pick<LocalCloud, 'faults' | 'containers' | 'balancing' | 'github' | 'cloud'>;

/** Things that are made to go wrong: calls to the API, tasks, health checks, the runner. */
export function faultMethods(local: Door): Readonly<Record<string, Method>> {
  const { faults, balancing } = local;
  return {
    faults: async (): Promise<FaultReport> => reportFaults(local),
    'faults-add': async (parameters): Promise<FaultReport> => {
      try {
        faults.add(parameters as unknown as FaultRule);
      } catch (error) {
        if (error instanceof RangeError) throw new CallRefused(error.message);
        throw error;
      }
      return reportFaults(local);
    },
    'faults-clear': async ({ id }) => {
      if (id !== undefined && faults.clear(Number(id)) === 0) throw new CallRefused(`There is no fault ${id}`);
      if (id === undefined) {
        faults.clear();
        balancing.failing.clear();
      }
      return reportFaults(local);
    },
    'faults-crash': async ({ service, environment }) => {
      const [name, cluster] = [
        serviceName(String(environment), String(service)),
        await clusterOf(local, environment, service),
      ];
      const crashed = local.containers.crash(cluster, name);
      if (crashed === 0) throw new CallRefused(`No task of ${name} runs`);
      return { crashed };
    },
    'faults-unhealthy': async ({ service, environment }): Promise<FaultReport> => {
      balancing.failing.add(await targetGroupOf(local, environment, service));
      return reportFaults(local);
    },
    'faults-lose-runner': async ({ run }) => {
      const running = local.github.runs.list().filter(({ status }) => status !== 'completed');
      const lost = run === undefined ? running[0] : running.find(({ id }) => id === Number(run));
      if (lost === undefined) throw new CallRefused(run === undefined ? 'No workflow runs' : `Run ${run} does not run`);
      local.github.runs.lose(lost.id);
      return { run: lost.id };
    },
  };
}

function reportFaults({ faults, balancing }: Door): FaultReport {
  return { faults: faults.list(), unhealthy: [...balancing.failing] };
}

/** Previews live on staging's cluster. */
async function clusterOf(local: Door, environment: unknown, service: unknown): Promise<string> {
  return (await describeService(local, environment, service)).cluster;
}

async function targetGroupOf(local: Door, environment: unknown, service: unknown): Promise<string> {
  const { targetGroup } = await describeService(local, environment, service);
  if (targetGroup === undefined) throw new CallRefused(`${service} is behind no load balancer`);
  return targetGroup;
}

async function describeService({ cloud }: Door, environment: unknown, service: unknown) {
  const name = serviceName(String(environment), String(service));
  const { clusterArns = [] } = await cloud.invoke<{ clusterArns?: string[] }>('ecs', 'ListClusters', {});
  for (const arn of clusterArns) {
    const { services = [] } = await cloud.invoke<{ services?: EcsService[] }>('ecs', 'DescribeServices', {
      cluster: arn,
      services: [name],
    });
    const found = services.find(({ status }) => status === 'ACTIVE');
    // arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<id>
    const targetGroup = found?.loadBalancers?.[0]?.targetGroupArn?.split('/')[1];
    if (found) return { cluster: arn.split('/').at(-1) ?? '', ...(targetGroup ? { targetGroup } : {}) };
  }
  throw new CallRefused(`There is no ECS service ${name}`);
}

interface EcsService {
  readonly status: string;
  readonly loadBalancers?: readonly { readonly targetGroupArn?: string }[];
}
